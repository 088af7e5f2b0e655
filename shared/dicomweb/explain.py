"""The explanation of a failed request to a web service, in words with advice.

The text of the service itself is never repeated: it may hold data that must not be in a log.
"""

import http.client
import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from urllib3 import exceptions

from shared.dicomweb.errors import Trouble, WebError
from shared.tls.explain import explain as explain_tls

LONGEST_WISH = 86400.0
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
BROKEN_OFF = (ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead)

_STATUSES: dict[int, tuple[Trouble, str]] = {
    401: (Trouble.REFUSED_US, "does not accept our credentials (401): correct those of the node"),
    403: (Trouble.REFUSED_US, "does not allow this (403): give our user the right to it there"),
    404: (Trouble.MISSING, "does not have it (404)"),
    406: (Trouble.NOT_ACCEPTABLE, "does not have it in a form that we take (406)"),
    410: (Trouble.MISSING, "does not have it any more (410)"),
    413: (Trouble.TOO_MUCH, "refuses so much at once (413)"),
    414: (Trouble.REFUSED_REQUEST, "refuses the request as too long (414)"),
    415: (Trouble.NOT_ACCEPTABLE, "does not have it in a form that we take (415)"),
    429: (Trouble.LATER, "has got too many requests (429)"),
    501: (Trouble.REFUSED_US, "does not offer this service (501): correct the URL of the node"),
    503: (Trouble.LATER, "is busy or being maintained (503)"),
    505: (Trouble.REFUSED_US, "does not speak HTTP/1.1 (505): correct the URL of the node"),
}
_WITHOUT_CREDENTIALS = "wants credentials (401): give the node a user and a password, or a token"


def judge(status: int, *, has_credentials: bool, wish: str = "") -> WebError:
    """Return the error for a status that is no success.

    Args:
        status: as in RFC 9110 section 15.
        has_credentials: whether we sent any.
        wish: the field Retry-After, empty where there is none.
    """
    trouble, text = _STATUSES.get(status) or _general(status)
    if status == 401 and not has_credentials:
        text = _WITHOUT_CREDENTIALS
    if trouble is not Trouble.LATER:
        return WebError(trouble, text)
    seconds = retry_after(wish, now=time.time())
    asks = "" if seconds is None else f", and asks us to come again in {seconds:.0f} seconds"
    return WebError(trouble, text + asks, retry_after=seconds)


def _general(status: int) -> tuple[Trouble, str]:
    try:
        name = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        name = str(status)
    if status >= 500:
        return Trouble.FAILED, f"failed ({name})"
    if 300 <= status < 400:
        return Trouble.REFUSED_US, f"redirects to another address ({name}): correct the URL of the node"
    return Trouble.REFUSED_REQUEST, f"refuses the request ({name})"


def retry_after(text: str, *, now: float) -> float | None:
    """Return the seconds that a Retry-After means (RFC 9110 section 10.2.3), at most `LONGEST_WISH`; None: nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WISH)


def explain(error: BaseException, *, server_name: str = "") -> WebError:
    """Return the error for a failed exchange, without text from the service.

    Args:
        error: what was raised.
        server_name: the name that the certificate of the service must have, if it was checked.
    """
    chain = list(_chain(error))

    def first(kinds: type[BaseException] | tuple[type[BaseException], ...]) -> BaseException | None:
        return next((one for one in chain if isinstance(one, kinds)), None)

    tls = first(ssl.SSLError)
    if isinstance(tls, ssl.SSLError):
        return _tls(tls, server_name)
    if first(exceptions.NameResolutionError):
        text = "cannot be reached: the name of its host is not resolved"
    elif first(exceptions.NewConnectionError):
        text = f"cannot be reached: {getattr(first(OSError), 'strerror', None) or 'no connection'}"
    elif first(exceptions.ConnectTimeoutError):
        text = "cannot be reached: no connection in time"
    elif first((exceptions.TimeoutError, TimeoutError)):
        text = "was silent for too long"
    elif first(BROKEN_OFF) or not first((http.client.HTTPException, exceptions.DecodeError, ValueError)):
        text = "dropped the connection before it was done"
    else:
        return WebError(Trouble.FAILED, "sends what is no valid HTTP response")
    return WebError(Trouble.AWAY, text)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, and those that it was made of."""
    pending = [error]
    seen: list[BaseException] = []
    while pending:
        one = pending.pop(0)
        if one is None or any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        arguments = [argument for argument in one.args if isinstance(argument, BaseException)]
        pending += [*arguments, one.__cause__, one.__context__]


def _tls(error: ssl.SSLError, server_name: str) -> WebError:
    if error.reason in NO_TLS:
        return WebError(Trouble.REFUSED_US, "does not speak TLS there: should its URL begin with http://?")
    disagreement = explain_tls(error, name=server_name, seconds=0.0)
    return WebError(Trouble.REFUSED_US if disagreement.lasts else Trouble.AWAY, disagreement.words)
