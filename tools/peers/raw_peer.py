"""A peer that speaks no DICOM: it takes TCP connections on loopback and sends the bytes that a test gives it."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from tools.stack.ports import LOOPBACK

A_ASSOCIATE_AC_BEGUN = bytes((2, 0, 0, 0, 1, 0, 0, 1))  # says 256 bytes, gives 2


class RawPeer:
    """A context manager: reads a request from each connection, sends `answer`, and then `drip` once a second."""

    def __init__(self, *, answer: bytes = b"", drip: bytes = b"") -> None:
        self._answer = answer
        self._drip = drip
        self._listener = socket.create_server((LOOPBACK, 0))
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0

    def __enter__(self) -> "RawPeer":
        self._spawn(self._accept)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="raw-peer")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        self._listener.settimeout(0.1)
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.connections += 1
            self._spawn(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            connection.recv(65536)
            connection.sendall(self._answer)
            while not self._over.wait(1):
                connection.sendall(self._drip)
