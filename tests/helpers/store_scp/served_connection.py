"""The receive path of a store node in this process: each connection is served by a thread, as a node does it."""

import socket
import threading
from pathlib import Path

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.node.admission.census import Census, create_table
from services.store_scp.node.admission.policy import Policy
from services.store_scp.node.protocol.negotiation import Negotiator
from services.store_scp.node.protocol.transport import Transport
from services.store_scp.node.receive.association import Association, NodeServices
from services.store_scp.node.receive.storing import FileSupply
from shared.spool.incoming import Incoming
from tools.stack.ports import LOOPBACK


class Served:
    """A node without process and listener. `connect` gives the peer's end of a new connection.

    Args:
        folder: where objects go.
        definition: of the node.
        seconds: its time-outs.
    """

    def __init__(self, *, folder: Path, definition: NodeDefinition | None = None, seconds: float = 20.0) -> None:
        self.folder = folder
        self.full: str | None = None
        self.announced: list[str] = []
        self.causes: list[str] = []
        """Why callers were rejected."""
        self.associations: list[Association] = []
        self.threads: list[threading.Thread] = []
        self.census = Census(descriptor=create_table(), process=0)
        definition = definition or NodeDefinition(node_id=1, name="Test node", ae_title="DOSEWIRE", port=11112)
        self._listening = socket.create_server((LOOPBACK, 0))
        self._connections: list[socket.socket] = []
        self._node = NodeServices(
            name=definition.name,
            policy=Policy.from_definition(definition, maximum_associations=3),
            negotiator=Negotiator(),
            census=self.census,
            incoming=Incoming(folder=folder),
            commitments=CommitmentFolder(path=folder / "commitment"),
            full=lambda: self.full,
            announce=self.announced.append,
            rejected=lambda rejection, *_: self.causes.append(rejection.cause),
            request_seconds=seconds,
            network_seconds=seconds,
            idle_seconds=seconds,
        )

    def connect(self) -> socket.socket:
        """Open a connection and have it served."""
        connection = socket.create_connection(self._listening.getsockname(), timeout=10)
        accepted, (address, port) = self._listening.accept()
        files = FileSupply(incoming=self._node.incoming)
        association = Association(transport=Transport(accepted), peer=(address, port), node=self._node, files=files)

        def serve() -> None:
            try:
                association.serve()
            finally:
                files.close()
                accepted.close()

        thread = threading.Thread(target=serve)
        thread.start()
        self.associations.append(association)
        self.threads.append(thread)
        self._connections.append(connection)
        return connection

    def stored(self) -> list[bytes]:
        """Return what the objects in the folder hold, in the order of their reception."""
        paths = {path.stem: path for path in self.folder.glob("*.dcm")}
        return [paths[trace_id].read_bytes() for trace_id in sorted(paths, key=self.announced.index)]

    def close(self) -> None:
        """Close all connections and wait until none is served any more."""
        for connection in self._connections:
            connection.close()
        for thread in self.threads:
            thread.join(10)
        self._listening.close()
        self._node.incoming.close()
