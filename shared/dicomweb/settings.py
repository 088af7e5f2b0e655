"""The settings of a node's DICOM web services: its address, and how we authenticate there."""

import base64
import re
from contextlib import suppress
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

LONGEST_URL = 1000
_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str | None:
    """Return scheme, host and port of a URL (RFC 6454); None: it is none."""
    with suppress(ValueError):
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
        if port is not None and parts.hostname is not None:
            return f"{parts.scheme}://{parts.hostname}:{port}"
    return None


def _base_url(text: str) -> str:
    """Accept an address to which paths can be appended."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be a URL of printable ASCII characters without blanks")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("must look like https://pacs.example.org/dicom-web")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user or a password: they have fields of their own")
    if parts.query or parts.fragment:
        raise ValueError("must end with its path, without ? and #")
    return text.rstrip("/")


BaseUrl = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_URL), AfterValidator(_base_url)]
Prefix = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*)?$", max_length=200)]


class DicomwebSettings(BaseModel):
    """The addresses of the services of a node."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: BaseUrl = Field(json_schema_extra={"examples": ["https://pacs.example.org/dicom-web"]})
    """The base URL, before `/studies`, for both services."""
    qido_prefix: Prefix = ""
    """The path between `url` and `/studies` for QIDO-RS alone, where the two services have different addresses."""
    wado_prefix: Prefix = ""
    """The same for WADO-RS."""

    @property
    def wants_tls(self) -> bool:
        """True if the services are called with TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        """The host name or IP address of both."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port of both."""
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def qido_url(self) -> str:
        """Return the base URL of queries, before `/studies`."""
        return "/".join(filter(None, (self.url, self.qido_prefix)))

    @property
    def wado_url(self) -> str:
        """Return the base URL of retrievals, before `/studies`."""
        return "/".join(filter(None, (self.url, self.wado_prefix)))


class DicomwebCredentials(BaseModel):
    """A user with his password (Basic, RFC 7617), or a token (Bearer, RFC 6750). Its text form shows no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    user: str | None = Field(default=None, min_length=1, max_length=200)
    password: SecretStr | None = Field(default=None, max_length=1000)
    token: SecretStr | None = Field(default=None, max_length=8000)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        basic = self.user is not None and self.password is not None
        if (self.user is None) is not (self.password is None) or basic is (self.token is not None):
            raise ValueError("give a user and a password, or a token alone")
        if self.user is not None and (":" in self.user or not self.user.isprintable()):
            raise ValueError("user must hold neither a colon nor control characters")
        if self.password is not None and not self.password.get_secret_value().isprintable():
            raise ValueError("password must hold no control characters")
        if self.token is not None and not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", self.token.get_secret_value()):
            raise ValueError("token must hold letters, digits and ._~+/- only, without the word Bearer")
        return self

    @property
    def authorization(self) -> str:
        """Return the value of the HTTP field Authorization: a secret."""
        if self.token is not None:
            return f"Bearer {self.token.get_secret_value()}"
        password = "" if self.password is None else self.password.get_secret_value()
        return "Basic " + base64.b64encode(f"{self.user}:{password}".encode()).decode("ascii")

    def stored(self) -> dict[str, str]:
        """Return the stored form: secrets in plain text, as they have to be sent like that."""
        secrets = {"password": self.password, "token": self.token}
        found = {name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None}
        return found if self.user is None else {"user": self.user, **found}
