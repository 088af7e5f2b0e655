"""An application entity whose associations use `Connection`, and are all closed at the end."""

import socket
from ssl import SSLContext

from pynetdicom import AE, _config
from pynetdicom.association import Association
from pynetdicom.transport import AddressInformation

from shared.association.connection import Connection, Guard
from shared.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from shared.tls.client import Handshake

# Its handlers that describe each PDU in the log fail at some of a peer's, and then ours would not be called.
_config.LOG_HANDLER_LEVEL = "none"
_config.LOG_RESPONSE_IDENTIFIERS = False


def _not_guarded(_socket: socket.socket) -> None:
    pass


class ClosingEntity(AE):
    """A context manager that closes the sockets of all its associations at the end. It identifies itself as Dosewire.

    Args:
        ae_title: ours.
        handshake: how TLS begins on its connections; None: without TLS.
        guard: told of each socket before anything is waited for.
    """

    def __init__(self, *, ae_title: str, handshake: Handshake | None = None, guard: Guard = _not_guarded) -> None:
        super().__init__(ae_title=ae_title)
        self.implementation_class_uid = IMPLEMENTATION_CLASS_UID
        self.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        self.connections: list[Connection] = []
        self._handshake = handshake
        self._guard = guard

    def _create_socket(
        self,
        assoc: Association,
        address: AddressInformation,
        tls_args: tuple[SSLContext, str] | None,  # noqa: ARG002 (pynetdicom's signature)
    ) -> Connection:
        connection = Connection(assoc, address=address, handshake=self._handshake, guard=self._guard)
        self.connections.append(connection)
        return connection

    def __enter__(self) -> "ClosingEntity":
        return self

    def __exit__(self, *exc_info: object) -> None:
        for connection in self.connections:
            connection.dispose()
