"""An application entity that closes its sockets: pynetdicom leaves that to chance where a connection is refused.

Of `shared`, only this module and `reactor` need pynetdicom; services that call others import them.
"""

from contextlib import ExitStack
from ssl import SSLContext

from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.transport import AddressInformation, AssociationSocket

from shared.reception import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME


class ClosingEntity(AE):
    """A context manager; in the end the sockets of all its associations are closed. It says that it is Dosewire."""

    def __init__(self, *, ae_title: str) -> None:
        super().__init__(ae_title=ae_title)
        self.implementation_class_uid = IMPLEMENTATION_CLASS_UID
        self.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        self._sockets = ExitStack()

    def _create_socket(
        self, assoc: Association, address: AddressInformation, tls_args: tuple[SSLContext, str] | None
    ) -> AssociationSocket:
        transport = super()._create_socket(assoc, address, tls_args)
        if transport.socket is not None:
            self._sockets.enter_context(transport.socket)
        return transport

    def __enter__(self) -> "ClosingEntity":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._sockets.close()
