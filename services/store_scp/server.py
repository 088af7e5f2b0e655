"""pynetdicom's association server, with what a Store SCP in a hospital needs of it changed.

Any abstract syntax that is not a known other service is taken as storage, with the transfer syntax that the sender
lists first (`UNRESTRICTED_STORAGE_SERVICE`): private SOP classes and private or compressed transfer syntaxes work
without a list, because a data set is kept as it comes and never decoded here.
"""

import socket
import sys
import threading
from socketserver import BaseServer
from typing import Any

from pynetdicom import AE, _config, evt
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom.association import Association
from pynetdicom.presentation import build_context
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from services.store_scp.association import StoreAssociation, StoreSocket
from shared.logging import get_logger
from shared.reception import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

VERIFICATION = "1.2.840.10008.1.1"
MAXIMUM_PDU_SIZE = 128 * 1024
"""What we offer. Senders with Nagle's algorithm on are far faster with PDUs that hold a whole dose report."""
_BACKLOG = 256
_POLL_SECONDS = 0.1

Handlers = list[evt.EventHandlerType]

log = get_logger(__name__)


class StoreRequestHandler(RequestHandler):
    """Makes the association of a connection: ours instead of pynetdicom's, sharing its presentation contexts."""

    def _create_association(self) -> Association:
        association = StoreAssociation(self.ae, MODE_ACCEPTOR)
        association._server = self.server  # noqa: SLF001 (as the method that this one stands for)
        association.name = f"AcceptorThread {self.client_address[0]}"  # pynetdicom looks for the first word
        association.daemon = association.dul.daemon = True  # a node that has drained ends, whatever a peer does
        association.set_socket(StoreSocket(association, client_socket=self.request))
        acceptor = association.acceptor
        acceptor.maximum_length = self.ae.maximum_pdu_size
        acceptor.ae_title = self.server.ae_title
        acceptor.address_info = self.local
        acceptor.implementation_class_uid = self.ae.implementation_class_uid
        acceptor.implementation_version_name = self.ae.implementation_version_name
        acceptor.supported_contexts = self.server.contexts
        association.requestor.address_info = self.remote
        for event in self.server.get_events():
            handlers: Any = self.server.get_handlers(event)
            for handler, arguments in [handlers] if event.is_intervention else handlers:
                association.bind(event, handler, arguments)
        return association


class StoreServer(ThreadedAssociationServer):
    """Listens for one AE title on one port, and serves each association in threads of its own.

    Args:
        ae_title: calls to another one are rejected.
        address: where to listen; port 0 takes a free one.
        maximum_associations: further ones are rejected with "local limit exceeded".
        network_timeout: seconds that a peer may be silent.
        handlers: pynetdicom's events and what is called for them.

    Raises:
        OSError: it cannot listen there.
    """

    request_queue_size = _BACKLOG
    daemon_threads = True

    def __init__(
        self,
        *,
        ae_title: str,
        address: tuple[str, int],
        maximum_associations: int,
        network_timeout: float,
        handlers: Handlers,
    ) -> None:
        _config.UNRESTRICTED_STORAGE_SERVICE = True
        _config.LOG_HANDLER_LEVEL = "none"  # its handlers format every PDU, patient data included
        entity = AE(ae_title=ae_title)
        entity.require_called_aet = True
        entity.maximum_associations = maximum_associations
        entity.maximum_pdu_size = MAXIMUM_PDU_SIZE
        entity.network_timeout = network_timeout
        entity.acse_timeout = min(30.0, network_timeout)
        entity.dimse_timeout = network_timeout
        entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
        entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        self._network_timeout = network_timeout
        super().__init__(
            entity,
            address,
            ae_title,
            [build_context(VERIFICATION)],
            evt_handlers=handlers,
            request_handler=StoreRequestHandler,
        )

    @property
    def open_associations(self) -> list[StoreAssociation]:
        """The associations of this server that have not ended."""
        return [thread for thread in threading.enumerate() if isinstance(thread, StoreAssociation)]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept a connection whose peer may not be silent for longer than the network time-out."""
        if self.socket is None:
            raise ConnectionAbortedError("not listening any more")
        connection, address = self.socket.accept()
        connection.settimeout(self._network_timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address

    def serve(self) -> None:
        """Serve until `stop_listening` is called from another thread."""
        self.serve_forever(poll_interval=_POLL_SECONDS)

    def stop_listening(self) -> None:
        """Accept no more connections and free the port; the associations that are there go on."""
        BaseServer.shutdown(self)
        self.server_close()

    def service_actions(self) -> None:
        """Do nothing: pynetdicom collects garbage here, 10 ms each time; Python does it when there is some."""

    def handle_error(self, request: object, client_address: tuple[str, int]) -> None:  # noqa: ARG002
        """Log what went wrong before an association was there (out of threads or descriptors, say)."""
        log.error("connection failed", peer=client_address[0], error=repr(sys.exception())[:500])
