"""Virtual hosts of a RabbitMQ, made and deleted through its management plugin."""

import base64
import http.client
import json
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from tools.stack.errors import StackError

MANAGEMENT_PORT = 15672


class VirtualHosts:
    """The virtual hosts of one broker.

    Over HTTP, which takes some 20 ms, where `rabbitmqctl` takes seconds to start and needs the node's cookie.
    `api_url` is the management plugin's address, `amqp_url` gives the broker, the user and the password.
    """

    def __init__(self, *, amqp_url: str, api_url: str | None = None) -> None:
        amqp = urlsplit(amqp_url)
        self._authority = amqp.netloc
        self._scheme = amqp.scheme
        self._user = unquote(amqp.username or "guest")
        self._password = unquote(amqp.password or "guest")
        api = urlsplit(api_url or f"http://{amqp.hostname}:{MANAGEMENT_PORT}")
        self._host, self._port = api.hostname or "127.0.0.1", api.port or MANAGEMENT_PORT

    def url(self, name: str) -> str:
        """The AMQP URL of a virtual host."""
        return f"{self._scheme}://{self._authority}/{quote(name, safe='')}"

    def add(self, name: str) -> str:
        """Makes a virtual host that our user may do everything in; returns its URL."""
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._request("PUT", f"/api/vhosts/{quote(name, safe='')}", {})
        self._request("PUT", f"/api/permissions/{quote(name, safe='')}/{quote(self._user, safe='')}", everything)
        return self.url(name)

    def delete(self, name: str) -> None:
        """Deletes a virtual host with everything in it."""
        self._request("DELETE", f"/api/vhosts/{quote(name, safe='')}")

    def _request(self, method: str, path: str, body: Mapping[str, str] | None = None) -> None:
        token = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            if response.status >= 300:
                raise StackError(
                    f"RabbitMQ's management plugin on {self._host}:{self._port} answers {method} {path} "
                    f"with {response.status} {response.reason}: {response.read(500)!r}"
                )
        except OSError as error:
            raise StackError(
                f"RabbitMQ's management plugin does not answer on {self._host}:{self._port} ({error}). "
                "An administrator runs: rabbitmq-plugins enable rabbitmq_management"
            ) from error
        finally:
            connection.close()
