"""The client of the REST interface for the command line; all rules are checked by the interface."""

import getpass
import http.client
import json
import os
import re
from typing import Any
from urllib.parse import urlsplit

from services.config_api.web.current import OPERATOR_HEADER
from shared.errors import DosewireError, SettingsError

VARIABLE = "DOSEWIRE_API_URL"
PATIENCE = 30.0
DEFAULT = "http://127.0.0.1:8080"
PREFIX = "/api/v1"
WRONG_URL = f"{VARIABLE}: must look like {DEFAULT}"

JsonObject = dict[str, Any]


class ApiAway(DosewireError):
    """There is no answer at the address of the interface."""


class ApiRefused(DosewireError):
    """The interface answered with a problem; the text is the detail of the problem."""


class ApiClient:
    """A client of the REST interface at `url`, such as http://127.0.0.1:8080."""

    def __init__(self, *, url: str, timeout: float = PATIENCE) -> None:
        self.url = url
        address = urlsplit(url)
        connections = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        try:
            self._port = address.port
        except ValueError:
            raise SettingsError([WRONG_URL]) from None
        if address.scheme not in connections or not address.hostname:
            raise SettingsError([WRONG_URL])
        self._connection_class = connections[address.scheme]
        self._host, self._base = address.hostname, address.path.rstrip("/")
        self._timeout = timeout

    def get(self, path: str) -> JsonObject:
        """Return the resource under a path below /api/v1."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: JsonObject | None = None) -> JsonObject:
        """Create something, or ask for an action."""
        return self._ask("POST", path, {} if body is None else body)

    def patch(self, path: str, body: JsonObject) -> JsonObject:
        """Change something."""
        return self._ask("PATCH", path, body)

    def delete(self, path: str) -> None:
        """Delete something."""
        self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: JsonObject | None) -> JsonObject:
        connection = self._connection_class(self._host, self._port, timeout=self._timeout)
        content = json.dumps(body) if body is not None else None
        headers = {"Accept": "application/json", OPERATOR_HEADER: _operator()}
        if content:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(
                method, f"{self._base}{PREFIX}{path}", json.dumps(body) if body is not None else None, headers
            )
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise ApiAway(
                f"Dosewire does not answer at {self.url} ({reason}): start the service config_api, "
                f"or set {VARIABLE} to where it listens"
            ) from error
        finally:
            connection.close()
        return self._read(response.status, text)

    def _read(self, status: int, text: bytes) -> JsonObject:
        if status == http.client.NO_CONTENT:
            return {}
        try:
            answer = json.loads(text)
            if status < http.client.BAD_REQUEST and isinstance(answer, dict):
                return answer
            raise ApiRefused(answer["detail"])
        except (ValueError, TypeError, KeyError):
            raise ApiAway(f"{self.url} answers, but it is not Dosewire: correct {VARIABLE}") from None


def _operator() -> str:
    """Return the name of the user who runs this command; in a container the user id may have no name."""
    try:
        return re.sub(r"[^A-Za-z0-9._@+-]", "_", getpass.getuser())[:32]
    except (KeyError, OSError):
        return f"uid{os.getuid()}"


def client(*, timeout: float = PATIENCE) -> ApiClient:
    """Return a client for the address in the environment; it waits so many seconds for an answer."""
    return ApiClient(url=os.environ.get(VARIABLE) or DEFAULT, timeout=timeout)
