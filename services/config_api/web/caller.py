"""Who asks for a change, as far as that is known while there are no logins."""

import re

from flask import request

OPERATOR_HEADER = "X-Dosewire-Operator"
"""The command line says in it who runs it; nobody checks that."""
_NAME = re.compile(r"[A-Za-z0-9._@+-]{1,32}")


def caller() -> str:
    """Return who sent this request, for a person: at most 100 characters."""
    address = (request.remote_addr or "an unknown address")[:50]
    operator = request.headers.get(OPERATOR_HEADER, "")
    if _NAME.fullmatch(operator):
        return f"{operator} (command line, from {address})"
    return f"the REST interface (from {address})"
