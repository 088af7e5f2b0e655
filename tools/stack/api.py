"""A small client of Dosewire's REST API."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode

from tools.stack.errors import StackError


class Api:
    """The REST API at one address. Every problem is a StackError with the detail from the API."""

    def __init__(self, *, host: str, port: int) -> None:
        self._host = host
        self._port = port

    @property
    def page(self) -> str:
        """The address of the page."""
        return f"http://{self._host}:{self._port}/"

    def get(self, path: str, **query: str | int) -> Any:
        """What GET of `/api/v1` + path answers."""
        return self._request("GET", path + (f"?{urlencode(query)}" if query else ""), None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """What POST answers."""
        return self._request("POST", path, body)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """What PATCH answers."""
        return self._request("PATCH", path, body)

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        try:
            connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise StackError(f"the API does not answer {method} {path}: {error}") from error
        finally:
            connection.close()
        if response.status >= 300:
            raise StackError(f"the API answers {method} {path} with {response.status}: {text}")
        return json.loads(text)
