"""QIDO-RS over https: accepted certificates, and ours if the service asks for it."""

import socket
import ssl
from datetime import date
from pathlib import Path

import pytest

from services.qr.dicomweb.archive import DicomwebArchive
from services.qr.remote.archive import Limits
from services.qr.remote.errors import NodeAway, NodeRefuses, RemoteError
from services.qr.remote.find import identifier
from shared.tls.client import ClientTls
from shared.tls.files import CertificateFiles
from tests.helpers.qr.web_archive import web_archive
from tools.pacs.archive import Archive
from tools.pacs.web import SimulatedWebPacs
from tools.peers.certificates import Authority, Pair

pytestmark = pytest.mark.interop

FEW = Archive(count=3, first_day=date(2026, 3, 10))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("hospital"))


def server(pair: Pair, *, clients: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def count(archive: DicomwebArchive) -> int:
    return len(list(archive.find(identifier())))


def test_a_service_with_a_certificate_of_our_authority(authority: Authority) -> None:
    ours = ClientTls(certificate=None, authorities=authority.certificate, alpn=None)
    with SimulatedWebPacs(archive=FEW, tls=server(authority.sign("pacs"))) as pacs:
        with web_archive(pacs.url, tls=ours) as archive:
            assert count(archive) == 3
            assert count(archive) == 3
        with web_archive(pacs.url) as archive, pytest.raises(NodeRefuses, match="DOSEWIRE_TLS_REMOTE_CA"):
            count(archive)


def test_a_service_that_wants_our_certificate(authority: Authority) -> None:
    pair = authority.sign("dosewire", usage="clientAuth")
    files = CertificateFiles(pair.certificate, pair.key)
    context = server(authority.sign("pacs"), clients=authority.certificate)
    with SimulatedWebPacs(archive=FEW, tls=context) as pacs:
        ours = ClientTls(certificate=files, authorities=authority.certificate, alpn=None)
        with web_archive(pacs.url, tls=ours) as archive:
            assert count(archive) == 3
        ours = ClientTls(certificate=None, authorities=authority.certificate, alpn=None)
        with (
            web_archive(pacs.url, tls=ours) as archive,
            pytest.raises(RemoteError, match=r"certificate of ours|dropped"),
        ):
            count(archive)


def test_a_handshake_that_never_ends_ends(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/dicom-web"
        limits = Limits(connect=30, acse=30, idle=30, total=0.5)
        with web_archive(url, limits=limits) as archive, pytest.raises(NodeAway, match="not done after"):
            count(archive)
