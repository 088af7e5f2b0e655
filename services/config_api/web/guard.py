"""The guard before every request, against requests that other sites cause; and the headers of every response.

There are no logins yet, so no other site may send requests through a browser that reaches this service. The Host
header has to be one of ours (against DNS rebinding). A request that changes something has to come from our own page
or from a program (against cross-site request forgery): browsers send no JSON body to another site unasked, and name
the origin of a request in `Sec-Fetch-Site` or `Origin`. The REST interface takes JSON alone. The pages take the
bodies of forms, which any site can send: there the browser has to name our own page as the origin.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from services.config_api.web.problem import ProblemError
from services.config_api.web.problem_responses import is_rest

MAX_BODY_BYTES = 64 * 1024
FORM = "application/x-www-form-urlencoded"
ANY_HOST = "*"
_CHANGING = frozenset(("POST", "PUT", "PATCH", "DELETE"))

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: with that, browsers send `Origin: null` with the forms of our own page (Fetch, section 3.2).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def register(app: Flask, *, allowed_hosts: frozenset[str]) -> None:
    """Put the guard before every request of the application and the headers on every response."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def check() -> None:
        _check_host(allowed_hosts)
        if request.method in _CHANGING:
            _check_origin()
            _check_encoding()
            body = _read_body()
            if is_rest(request.path):
                _check_json(body)
            else:
                _check_form(body)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def host_name(host: str) -> str:
    """Return the name in a Host header without its port, in lower case; IPv6 addresses keep their brackets."""
    name, separator, port = host.rpartition(":")
    return (name if separator and port.isdigit() else host).lower()


def _check_host(allowed_hosts: frozenset[str]) -> None:
    if ANY_HOST in allowed_hosts or host_name(request.headers.get("Host", "")) in allowed_hosts:
        return
    raise ProblemError(
        status=HTTPStatus.MISDIRECTED_REQUEST,
        kind="unknown-host",
        title="Unknown host name",
        detail="call Dosewire by a name that DOSEWIRE_HTTP_ALLOWED_HOSTS lists, or add this name to it",
    )


def _check_origin() -> None:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    if site not in {"same-origin", "none"} or (origin is not None and not _is_ours(origin)):
        raise _cross_site(
            "changes are only accepted from Dosewire's own page or from programs that are not browsers; "
            "if it was that page, a reverse proxy in between does not pass on the Host header"
        )


def _is_ours(origin: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == request.headers.get("Host", "").lower()
    except ValueError:
        return False


def _cross_site(detail: str) -> ProblemError:
    return ProblemError(
        status=HTTPStatus.FORBIDDEN, kind="cross-site", title="Another site asked for this", detail=detail
    )


def _check_encoding() -> None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProblemError(
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            kind="encoded-body",
            title="The body is compressed",
            detail="send the body without Content-Encoding",
        )


def _read_body() -> bytes:
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise ProblemError(
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            kind="body-too-large",
            title="The body is too large",
            detail=f"send at most {MAX_BODY_BYTES} bytes",
        ) from None


def _check_json(body: bytes) -> None:
    if not body and not request.content_type:
        return
    if not request.is_json:
        raise ProblemError(
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            kind="not-json",
            title="The body is not declared as JSON",
            detail="send JSON with the header Content-Type: application/json",
        )
    if body and not _is_json_object():
        raise ProblemError(
            status=HTTPStatus.BAD_REQUEST,
            kind="bad-json",
            title="The body is not a JSON object",
            detail='send one JSON object in UTF-8, for example {"name": "CT 1"}',
        )


def _is_json_object() -> bool:
    try:
        return isinstance(request.get_json(silent=True), dict)
    except RecursionError:
        return False


def _check_form(body: bytes) -> None:
    # Browsers of before 2020 do not tell; a form of another site would look like ours.
    if "Origin" not in request.headers and "Sec-Fetch-Site" not in request.headers:
        raise _cross_site("the browser does not say which page asked: use a newer one, or the REST interface")
    if body and request.mimetype != FORM:
        raise ProblemError(
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            kind="not-a-form",
            title="The body is not that of a form",
            detail="programs use the REST interface, below /api/v1",
        )
