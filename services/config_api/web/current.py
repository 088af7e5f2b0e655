"""The request that is being answered: the context of its application, and its sender."""

import re
from typing import cast

from flask import current_app, request

from services.config_api.web.context import EXTENSION, Context

OPERATOR_HEADER = "X-Dosewire-Operator"
"""The header in which the command line names its user; it is not verified."""
_NAME = re.compile(r"[A-Za-z0-9._@+-]{1,32}")


def context() -> Context:
    """Return the context of the application that serves this request."""
    return cast("Context", current_app.extensions[EXTENSION])


def caller() -> str:
    """Return the sender of this request in words: at most 100 characters, not verified, as there are no logins."""
    address = (request.remote_addr or "an unknown address")[:50]
    operator = request.headers.get(OPERATOR_HEADER, "")
    if _NAME.fullmatch(operator):
        return f"{operator} (command line, from {address})"
    return f"the REST interface (from {address})"
