"""The settings of config_api."""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, field_validator

from shared.settings import Port, PrivacyHashKey, Settings

LOOPBACK_HOSTS = "localhost,127.0.0.1,[::1]"
HEALTH_URLS = "store_scp=http://127.0.0.1:9101,importer=http://127.0.0.1:9102,qr=http://127.0.0.1:9103"


def _has_port_number(address: SplitResult) -> bool:
    try:
        return address.port is None or address.port > 0
    except ValueError:
        return False


class ConfigApiSettings(Settings):
    """The addresses and names under which the service listens, and the addresses of the other services."""

    http_host: str = "127.0.0.1"
    """Loopback by default: without logins, everybody who reaches the port may do everything."""
    http_port: Port = 8080
    http_allowed_hosts: str = LOOPBACK_HOSTS
    """Host names, separated by commas, under which browsers and clients may call; `*` stands for any."""
    http_threads: Annotated[int, Field(ge=2, le=64)] = 8
    health_port: Port = 9104
    page_title: str = "Dosewire"
    store_scp_host: str = "127.0.0.1"
    """The host of the managed store nodes: it is shown as their address."""

    privacy_hash_key: PrivacyHashKey | None = None
    """The importers' key. Without it, a privacy policy with keyed hashes is refused."""
    service_health_urls: str = HEALTH_URLS
    """The health servers of the other services: name=address, separated by commas; `-` for none."""

    @field_validator("service_health_urls")
    @classmethod
    def _urls(cls, text: str) -> str:
        for entry in text.split(",") if text != "-" else ():
            name, _, url = entry.strip().partition("=")
            address = urlsplit(url)
            if not name or address.scheme != "http" or not address.hostname or not _has_port_number(address):
                raise ValueError(f"must look like {HEALTH_URLS}")
        return text

    @field_validator("http_allowed_hosts")
    @classmethod
    def _lower_case(cls, hosts: str) -> str:
        names = [host.strip().lower() for host in hosts.split(",") if host.strip()]
        if not names:
            raise ValueError(f"names no host; the default is {LOOPBACK_HOSTS}")
        return ",".join(names)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The names under which requests may come, in lower case."""
        return frozenset(self.http_allowed_hosts.split(","))

    @property
    def health_urls(self) -> dict[str, str]:
        """The addresses of the services' health servers by the services' names."""
        if self.service_health_urls == "-":
            return {}
        entries = (entry.strip().partition("=") for entry in self.service_health_urls.split(","))
        return {name: url for name, _, url in entries}
