"""The pages of the web front end in the process of a test: forms are sent as a browser sends them."""

import re
from collections.abc import Mapping

from werkzeug.test import TestResponse

from tests.helpers.config_api.rest import RunningApi

OWN = {"Origin": "http://localhost", "Accept": "text/html"}


def page(api: RunningApi, path: str, status: int = 200) -> str:
    """Return the page that stands there."""
    return _text(api.client.get(path, headers={"Accept": "text/html"}), status)


def send(api: RunningApi, path: str, form: Mapping[str, object] | None = None) -> str:
    """Send a form that is carried out; return where the browser is sent."""
    answer = api.client.post(path, data=dict(form or {}), headers=OWN)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def send_wrong(api: RunningApi, path: str, form: Mapping[str, object] | None = None, status: int = 422) -> str:
    """Send a form that is not carried out; return the page that says why."""
    return _text(api.client.post(path, data=dict(form or {}), headers=OWN), status)


def words_of(html: str) -> str:
    """Return the text of a page, with single blanks."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def _text(answer: TestResponse, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "text/html"
    return str(answer.text)
