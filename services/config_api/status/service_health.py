"""The readiness of the other services, as their health servers report it (`/readyz`)."""

import http.client
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """The readiness of a service; `detail` says what is wrong where it is not ready."""

    name: str
    ready: bool
    detail: str = ""


def ask_services(urls: Mapping[str, str], *, timeout: float = 2.0) -> list[ServiceHealth]:
    """Ask every service at the same time; `urls` has the address of the health server by the service's name."""
    if not urls:
        return []
    with ThreadPoolExecutor(len(urls), thread_name_prefix="health") as pool:
        return list(pool.map(lambda item: ask_service(item[0], item[1], timeout=timeout), urls.items()))


def ask_service(name: str, url: str, *, timeout: float) -> ServiceHealth:
    """Ask one service."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read(MAX_ANSWER_BYTES)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return ServiceHealth(name, ready=False, detail=f"its health server at {url} does not answer ({reason})")
    finally:
        connection.close()
    detail = _explain(body)
    return ServiceHealth(name, ready=response.status == http.client.OK and not detail, detail=detail)


def _explain(body: bytes) -> str:
    """Name the parts that are not ready, from the JSON of `shared.health`."""
    try:
        answer = json.loads(body)
        broken = [
            f"{name}: {part['detail'] or 'not ready'}" for name, part in answer["parts"].items() if not part["ready"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "its answer cannot be understood"
    if not answer.get("alive", True):
        broken.append("its main loop stands still")
    return "; ".join(broken)
