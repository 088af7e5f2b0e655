"""The listener of a store node: it accepts connections and serves each in the thread that accepted it."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from services.store_scp.node.protocol.transport import Transport
from services.store_scp.node.receive.association import Association, NodeServices
from services.store_scp.node.receive.storing import FileSupply
from shared.errors import DosewireError
from shared.logging import get_logger

BACKLOG = 512
MAXIMUM_STRANGERS = 128
"""The most connections without an association in one process; beyond it, the oldest are closed."""
SPARE_THREADS = 16
"""Spare threads of a process that wait for connections, because starting a thread takes a while."""
_PAUSE_SECONDS = 0.2
_STACK_BYTES = 512 * 1024

log = get_logger(__name__)

Connect = Callable[[socket.socket], Transport]
"""Makes the transport of an accepted connection, without waiting for the peer."""


class Listener:
    """The accepting threads of one process of a node; there is always one that waits for the next connection.

    Args:
        listening: the socket that listens, which other processes of the node may share.
        node: what the associations share.
        connect: makes the transport of a connection.
        maximum_threads: how many connections are served at the same time; further ones wait for their turn.
    """

    def __init__(self, *, listening: socket.socket, node: NodeServices, connect: Connect, maximum_threads: int) -> None:
        self._listening = listening
        self._node = node
        self._connect = connect
        self._maximum_threads = maximum_threads
        self._associations: dict[Association, None] = {}
        self._threads = self._free = 0
        self._lock = threading.Lock()
        self._stopping = False

    @property
    def open_connections(self) -> list[Association]:
        """The connections that have not ended, the oldest first, with or without an association."""
        with self._lock:
            return list(self._associations)

    def start(self) -> None:
        """Begin to accept connections."""
        threading.stack_size(_STACK_BYTES)
        with self._lock:
            self._add_thread()

    def stop(self) -> None:
        """Accept no more connections, in this process and in those that share the socket; what is open goes on."""
        self._stopping = True
        with suppress(OSError):  # another process of the node may have done so
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _add_thread(self) -> None:
        """Start a thread; the lock is held."""
        self._threads += 1
        self._free += 1
        thread = threading.Thread(target=self._run, name=f"association {self._threads}", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # out of threads: those that are there go on
            self._threads -= 1
            self._free -= 1
            log.error("no further thread", reason=str(error), threads=self._threads)

    def _run(self) -> None:
        files = FileSupply(incoming=self._node.incoming)
        try:
            while not self._stopping and (accepted := self._accept()):
                self._serve(*accepted, files=files)
                files.prepare()
                with self._lock:
                    self._free += 1
                    if self._free > SPARE_THREADS:
                        return
        finally:
            files.close()
            with self._lock:
                self._threads -= 1
                self._free -= 1

    def _accept(self) -> tuple[socket.socket, tuple[str, int]] | None:
        while True:
            try:
                connection, address = self._listening.accept()
            except OSError as error:
                if self._stopping or self._listening.fileno() < 0 or not _listens(self._listening):
                    return None
                log.error("connection not accepted", error=str(error))
                time.sleep(_PAUSE_SECONDS)  # out of descriptors or memory: until some are free again
                continue
            with self._lock:
                self._free -= 1
                if not self._free and self._threads < self._maximum_threads:
                    self._add_thread()
            return connection, (address[0], address[1])

    def _serve(self, connection: socket.socket, peer: tuple[str, int], *, files: FileSupply) -> None:
        try:
            transport = self._connect(connection)
        except (OSError, DosewireError) as error:  # the peer is gone already, or TLS is not set up
            log.warning("connection not served", reason=str(error), peer=peer[0])
            connection.close()
            return
        association = Association(transport=transport, peer=peer, node=self._node, files=files)
        with self._lock:
            self._associations[association] = None
            others = list(self._associations) if len(self._associations) > MAXIMUM_STRANGERS else []
        strangers = [other for other in others if not other.established]
        for stranger in strangers[:-MAXIMUM_STRANGERS]:  # more than one where they come faster than they end
            stranger.close()
        try:
            association.serve()
        except Exception as error:  # noqa: BLE001 (a fault of ours must not take an accepting thread with it)
            log.error("association failed", error=f"{type(error).__name__}: {error}"[:200], peer=peer[0])
            transport.close()
        finally:
            with self._lock:
                del self._associations[association]


def _listens(listening: socket.socket) -> bool:
    try:
        return bool(listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False
