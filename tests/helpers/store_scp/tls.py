"""Certificates, the files that a store node's settings name, and real handshakes with a node, for tests of TLS."""

import shutil
import socket
import ssl
import threading
from pathlib import Path

from services.store_scp.common.tls import TlsContext, TlsFiles
from tools.peers.certificates import Authority, Pair


class Made:
    """Certificates that openssl has made, for all tests."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.first, self.second = self.authority.sign("node"), self.authority.sign("node2")
        self.server_only = self.authority.sign("server", usage="serverAuth")
        self.soon = self.authority.sign("soon", days=10)
        self.device = self.authority.sign("device", usage="clientAuth")
        self.stranger = Authority(folder / "other", name="other authority").sign("device")


class Files:
    """The files that the settings name, the clock of the context, and what a device has."""

    def __init__(self, folder: Path, made: "Made") -> None:
        self.authority, self.first, self.second, self.device = made.authority, made.first, made.second, made.device
        self.named = TlsFiles(folder / "node.pem", folder / "node.key.pem", folder / "ca.pem")
        shutil.copy(self.authority.certificate, folder / "ca.pem")
        self.now = 0.0
        self.put(self.first)

    def put(self, pair: Pair) -> None:
        self.replace(pair.certificate, self.named.certificate)
        self.replace(pair.key, self.named.key)

    def replace(self, source: Path, target: Path) -> None:
        shutil.copy(source, target.with_suffix(".new"))
        target.with_suffix(".new").rename(target)
        self.now += 1.5

    def context(self, *, require_client_certificate: bool = False) -> TlsContext:
        return TlsContext(
            files=self.named, require_client_certificate=require_client_certificate, clock=lambda: self.now
        )

    def device_context(self, *, with_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        if with_certificate:
            context.load_cert_chain(self.device.certificate, self.device.key)
        return context


class Handshake:
    """A real handshake over a pair of sockets; what either side made of it, and a byte each way."""

    def __init__(self, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
        self.server_error: Exception | None = None
        self.client_error: Exception | None = None
        self.version: str | None = None
        self.cipher = ""
        self.subject = ""
        here, there = socket.socketpair()
        for end in (here, there):
            end.settimeout(10)
        thread = threading.Thread(target=self._serve, args=(server, here))
        thread.start()
        self._call(client, there)
        thread.join()

    def _serve(self, context: ssl.SSLContext, connection: socket.socket) -> None:
        with connection:
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.sendall(secured.recv(1))
            except OSError as error:
                self.server_error = error

    def _call(self, context: ssl.SSLContext, connection: socket.socket) -> None:
        with connection:
            try:
                with context.wrap_socket(connection, server_hostname="localhost") as secured:
                    secured.sendall(b"x")
                    assert secured.recv(1) == b"x"
                    self.version = secured.version()
                    self.cipher = (secured.cipher() or ("",))[0]
                    self.subject = str((secured.getpeercert() or {}).get("subject"))
            except OSError as error:
                self.client_error = error
