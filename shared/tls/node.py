"""The TLS settings of a remote node."""

from pydantic import BaseModel, ConfigDict, Field

from shared.tls.client import ServerIdentity

_NAME = r"^[A-Za-z0-9:]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$"
"""A host name, or an address of IPv4 or IPv6."""


class NodeTls(BaseModel):
    """TLS in a remote node's settings: on or off, and the name in its certificate. Other settings are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tls: bool = False
    """It is called with TLS."""
    tls_name: str | None = Field(default=None, pattern=_NAME)
    """The host name or IP address in its certificate, if it differs from its address."""
    tls_check_name: bool = True
    """True: its certificate has to be for that name. False: any certificate of our authorities is accepted."""

    def server_identity(self, address: str) -> ServerIdentity | None:
        """Return the identity that a node at an address has to prove, None where it is called without TLS."""
        return ServerIdentity(self.tls_name or address, is_checked=self.tls_check_name) if self.tls else None
