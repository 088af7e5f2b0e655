"""One connection with a node's web services: requests with deadlines, and failures explained in words.

`explain` knows the errors of the HTTP library, this module all others.
"""

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit

import urllib3
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection

from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.explain import explain, judge
from shared.dicomweb.query import Parameters
from shared.dicomweb.settings import origin
from shared.tls.client import Handshake

PIECE = 2**16
MOST_REDIRECTS = 3
SAFE_IN_VALUES = ","
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FAILURES = (exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)

Guard = Callable[[socket.socket], None]
"""Called with a handle of each new connection; to shut it down ends every wait for the peer."""


class _Guarded:
    """The addition to both kinds of connection: a second handle of the socket, as TLS takes the first."""

    def __init__(self, *arguments: Any, guard: Guard, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._guard = guard
        self._handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._handle = sock.dup()
        self._guard(self._handle)
        return sock

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class _GuardedHttp(_Guarded, HTTPConnection):
    pass


class _GuardedHttps(_Guarded, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _GuardedHttp


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _GuardedHttps


class Answer:
    """A successful response whose body is still to be read. A context manager, which ends the body."""

    def __init__(
        self, *, response: urllib3.BaseHTTPResponse, touched: Callable[[], None], done: Callable[[], None]
    ) -> None:
        self._response = response
        self._touched = touched
        self._done = done

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *exc_info: object) -> None:
        _give_back(self._response)
        self._done()

    @property
    def status(self) -> int:
        """Its status."""
        return self._response.status

    @property
    def content_type(self) -> str:
        """Its Content-Type, empty where it has none."""
        return self._response.headers.get("Content-Type", "")

    @property
    def has_more(self) -> bool:
        """True if the service announces further results (Warning 299, PS3.18 section 8.3.4.4)."""
        return self._response.headers.get("Warning", "").strip().startswith("299")

    def pieces(self) -> Iterator[bytes]:
        """Yield the body piece by piece.

        Raises:
            WebError: it broke off.
        """
        try:
            for piece in self._response.stream(PIECE):
                self._touched()
                yield piece
        except FAILURES as error:
            raise explain(error) from error

    def body(self, *, most_bytes: int) -> bytes:
        """Return the whole body.

        Raises:
            WebError: it broke off, or is longer than `most_bytes`.
        """
        body = bytearray()
        for piece in self.pieces():
            body += piece
            if len(body) > most_bytes:
                raise WebError(Trouble.TOO_MUCH, f"sends an answer of more than {most_bytes >> 20} MiB")
        return bytes(body)


def _give_back(response: urllib3.BaseHTTPResponse) -> None:
    """Keep the connection for the next request; with a rest of the body in it, it is of no use any more."""
    if not response.closed:
        response.close()
    response.release_conn()


class Opener(Protocol):
    """The interface of a client that opens resources of a service."""

    def open(self, url: str, *, parameters: Parameters = (), accept: str) -> Answer:
        """As `WebClient.open`."""
        ...


class WebClient:
    """Sends requests to one origin, one after the other, over one connection where that stays open.

    Args:
        url: an address there, for its origin.
        authorization: the value of the field Authorization, a secret; None: it is not sent.
        handshake: how TLS begins, where the URL wants it.
        connect_seconds: for the TCP connection.
        idle_seconds: without a byte.
        guard: gets a handle of each new connection.
        touched: called when a request begins, and whenever something has come.
        done: called when nothing more is to come.
    """

    def __init__(
        self,
        *,
        url: str,
        authorization: str | None,
        handshake: Handshake | None,
        connect_seconds: float,
        idle_seconds: float,
        guard: Guard,
        touched: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        parts = urlsplit(url)
        options: dict[str, Any] = {
            "port": parts.port,
            "maxsize": 1,
            "block": True,
            "retries": False,
            "timeout": urllib3.Timeout(connect=connect_seconds, read=idle_seconds),
            "guard": guard,
        }
        self._origin = origin(url)
        self._touched, self._done = touched, done
        self._authorization = authorization
        self._requests = 0
        self._server_name = parts.hostname or ""
        self._pool: urllib3.HTTPConnectionPool
        if handshake is not None:
            context = handshake.context
            self._server_name = options["server_hostname"] = handshake.server_name
            options["assert_hostname"] = None if context.check_hostname else False
            self._pool = _HttpsPool(parts.hostname or "", ssl_context=context, **options)
        else:
            self._pool = _HttpPool(parts.hostname or "", **options)

    def close(self) -> None:
        """End the connection."""
        self._pool.close()

    def open(self, url: str, *, parameters: Parameters = (), accept: str) -> Answer:
        """Ask for a resource.

        Args:
            url: of the resource, of our origin.
            parameters: of its query, not yet quoted.
            accept: the media types that we take.

        Raises:
            WebError: there is no successful answer.
        """
        self._touched()
        query = urlencode(list(parameters), safe=SAFE_IN_VALUES, quote_via=quote)
        response = self._follow(f"{url}?{query}" if query else url, accept)
        if 200 <= response.status < 300:
            return Answer(response=response, touched=self._touched, done=self._done)
        _give_back(response)
        self._done()
        wish = response.headers.get("Retry-After", "")
        raise judge(response.status, has_credentials=self._authorization is not None, wish=wish)

    def _follow(self, url: str, accept: str) -> urllib3.BaseHTTPResponse:
        """Send the request, and follow redirects to the same origin only, as it carries credentials."""
        for _ in range(MOST_REDIRECTS + 1):
            response = self._request(url, accept)
            location = response.headers.get("Location") if response.status in REDIRECTS else None
            if location is None:
                return response
            _give_back(response)
            url = urljoin(url, location)
            if origin(url) != self._origin:
                there = origin(url) or "an address that is none"
                text = f"sends us to {there}, where we do not follow: correct the URL of the node"
                raise WebError(Trouble.REFUSED_US, text)
        raise WebError(Trouble.REFUSED_US, "redirects in a circle: correct the URL of the node")

    def _request(self, url: str, accept: str) -> urllib3.BaseHTTPResponse:
        parts = urlsplit(url)
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "dosewire"}
        if self._authorization is not None:
            headers["Authorization"] = self._authorization
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            response = self._urlopen(target, headers)
        except FAILURES as error:
            raise explain(error, server_name=self._server_name) from error
        self._touched()
        return response

    def _urlopen(self, target: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        before, self._requests = self._requests, self._requests + 1
        try:
            return self._pool.urlopen("GET", target, headers=headers, redirect=False, preload_content=False)
        except exceptions.ProtocolError as error:
            if not before or not any(isinstance(one, ConnectionError) for one in error.args):
                raise
            # It closed the connection of an earlier request just when we took it for another one.
            return self._pool.urlopen("GET", target, headers=headers, redirect=False, preload_content=False)


@contextmanager
def web_client(**options: Any) -> Iterator[WebClient]:
    """Make a `WebClient` for the block; its connection ends with it."""
    with closing(WebClient(**options)) as client:
        yield client
