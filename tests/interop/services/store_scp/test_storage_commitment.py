"""Storage Commitment SCUs against a node: pynetdicom's, right and wrong, and Orthanc's."""

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.supervisor.commitment.decision import CommitmentDecision
from services.store_scp.supervisor.commitment.delivery import DeliveryOutcome, Requester, deliver
from services.store_scp.supervisor.commitment.found import Records, SpoolIndex
from services.store_scp.supervisor.commitment.report import event_information
from services.store_scp.supervisor.commitment.reporter import Reporter
from services.store_scp.supervisor.commitment.requesters import Requesters
from shared.database.models import RemoteNode
from shared.tls.client import ClientTls, ServerIdentity
from tests.helpers.dcmtk import dcmtk
from tests.helpers.objects.image_files import write_image
from tests.helpers.store_scp.modality import STORAGE_COMMITMENT, Modality
from tests.helpers.store_scp.raw_scu import association, c_store
from tools.measure.store_node import RunningNode
from tools.peers.certificates import Authority, server_context
from tools.peers.real_pacs import Orthanc
from tools.stack.ports import free_port

pytestmark = pytest.mark.interop

DOSE_SR = "1.2.840.10008.5.1.4.1.1.88.67"
ONE = (DOSE_SR, "2.25.1")


class CommittingOrthanc(Orthanc):
    """Orthanc that asks for storage commitment when told by its REST interface."""

    def __init__(self, *, folder: Path, requester: RunningNode) -> None:
        super().__init__(folder=folder, destinations={requester.ae_title: requester.port})
        self.http_port = free_port()
        self.peer = requester.ae_title.lower()

    def __enter__(self) -> "CommittingOrthanc":
        self.start()
        return self

    def command(self) -> list[str]:
        command = super().command()
        configuration = Path(command[-1])
        settings = json.loads(configuration.read_text())
        settings |= {
            "HttpServerEnabled": True,
            "HttpPort": self.http_port,
            "AuthenticationEnabled": False,
            "RemoteAccessAllowed": False,
        }
        configuration.write_text(json.dumps(settings))
        return command

    def request(self, path: str, body: object | None = None) -> Any:
        """Call its REST interface; a body is posted."""
        data = None if body is None else json.dumps(body).encode()
        call = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", data=data)
        with urllib.request.urlopen(call, timeout=20) as answer:
            return json.loads(answer.read())

    def report(self, transaction_uid: str, *, timeout_s: float = 20.0) -> dict[str, Any]:
        """Wait for the report of a transaction."""
        deadline = time.monotonic() + timeout_s
        while True:
            found: dict[str, Any] = self.request(f"/storage-commitment/{transaction_uid}")
            if found["Status"] != "Pending":
                return found
            assert time.monotonic() < deadline, "no report"
            time.sleep(0.1)


@pytest.fixture
def folder(node: RunningNode) -> CommitmentFolder:
    return CommitmentFolder(path=node.spool.commitment)


@pytest.fixture
def reporting(node: RunningNode, folder: CommitmentFolder, database_url: str) -> Iterator[None]:
    """The supervisor's thread that reports on the node's requests."""
    engine = create_engine(database_url, poolclass=NullPool)
    reporter = Reporter(
        folder=folder,
        index=SpoolIndex(spool=node.spool),
        records=Records(engine=engine, spool=node.spool),
        requesters=Requesters(engine=engine),
        tls=ClientTls(certificate=None, authorities=None),
        deadline_seconds=60.0,
    )
    stop = threading.Event()
    thread = threading.Thread(target=reporter.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()


def test_orthanc_asks_and_hears_what_is_committed_and_what_is_not(
    node: RunningNode, reporting: None, database_url: str, tmp_path: Path
) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    image = write_image(tmp_path / "image.dcm", side=8)
    with CommittingOrthanc(folder=tmp_path / "orthanc", requester=node) as orthanc:
        with engine.begin() as connection:
            values = {"name": "Orthanc", "ae_title": orthanc.ae_title, "ip_address": node.host, "port": orthanc.port}
            connection.execute(insert(RemoteNode).values(**values))
        dcmtk("storescu", "-aec", orthanc.ae_title, node.host, orthanc.port, image)
        (instance,) = orthanc.request("/instances")
        orthanc.request(f"/modalities/{orthanc.peer}/store", instance)
        (stored,) = node.stored()
        node.spool.quarantine(stored.stem, reason="no importer runs here, but the file stays")
        asked = orthanc.request(f"/modalities/{orthanc.peer}/storage-commitment", {"Resources": [instance]})
        good = orthanc.report(asked["ID"])
        unknown = {"SOPClassUID": DOSE_SR, "SOPInstanceUID": "2.25.404"}
        asked = orthanc.request(f"/modalities/{orthanc.peer}/storage-commitment", {"DicomInstances": [unknown]})
        bad = orthanc.report(asked["ID"])
    assert good["Status"] == "Success"
    assert [one["SOPInstanceUID"] for one in good["Success"]] == [orthanc_uid(image)]
    assert bad["Status"] == "Failure"
    (failure,) = bad["Failures"]
    assert (failure["SOPInstanceUID"], failure["FailureReason"]) == ("2.25.404", 0x0112)


def orthanc_uid(image: Path) -> str:
    return dcmtk("dcmdump", "+P", "SOPInstanceUID", image).stdout.split("[")[1].split("]")[0]


def test_a_request_is_answered_and_is_on_disk(node: RunningNode, folder: CommitmentFolder) -> None:
    status, transaction_uid = Modality().ask(node.port, ONE)
    assert status == 0x0000
    (key,) = folder.keys()
    request = folder.read(key)
    assert request is not None
    assert (request.transaction_uid, request.references) == (transaction_uid, (ONE,))
    assert (request.calling_ae_title, request.called_ae_title) == ("CT99", node.ae_title)


def test_wrong_requests_are_answered_with_the_reason(node: RunningNode, folder: CommitmentFolder) -> None:
    modality = Modality()
    assert modality.ask(node.port, ONE, action_type_id=2)[0] == 0x0123
    assert modality.ask(node.port, ONE, sop_instance_uid="2.25.5")[0] == 0x0112
    assert modality.ask(node.port, ONE, sop_class_uid=DOSE_SR)[0] == 0x0118
    assert modality.ask(node.port)[0] == 0x0115
    assert modality.send(node.port, None).Status == 0x0115
    assert folder.keys() == []


def test_objects_are_not_stored_in_the_context_of_storage_commitment(node: RunningNode) -> None:
    with association(node.port, ((STORAGE_COMMITMENT, ("1.2.840.10008.1.2",)),)) as opened:
        assert c_store(opened, b"\x08\0\x16\0\0\0\0\0").Status == 0x0122
    assert node.stored() == []


def test_a_request_that_is_cut_off_leaves_nothing(node: RunningNode, folder: CommitmentFolder) -> None:
    with association(node.port, ((STORAGE_COMMITMENT, ("1.2.840.10008.1.2",)),)) as opened:
        opened.abort()
    with socket.create_connection((node.host, node.port)):
        pass
    assert Modality().ask(node.port, ONE)[0] == 0x0000
    assert len(folder.keys()) == 1


def test_a_device_that_speaks_tls_is_told_with_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "hospital")
    tls = ClientTls(certificate=None, authorities=authority.certificate)
    ours = ServerIdentity("127.0.0.1")
    information = event_information("2.25.7", CommitmentDecision(committed=(), failed=()))

    def report(server: ServerIdentity | None, tls: ClientTls = tls) -> tuple[DeliveryOutcome, str]:
        return deliver(
            Requester(host="127.0.0.1", port=modality.port, ae_title=modality.ae_title, server=server),
            calling_ae_title="DOSEWIRE",
            event_type=1,
            information=information,
            tls=tls,
        )

    with Modality(tls=server_context(authority.sign("modality"))) as modality:
        assert report(ours) == (DeliveryOutcome.DELIVERED, "")
        assert [one.transaction_uid for one in modality.reports] == ["2.25.7"]
        assert report(None) == (DeliveryOutcome.FAILED, "closes the connection without a word")
        outcome, words = report(ServerIdentity("modality.example.org"))
        assert outcome is DeliveryOutcome.FAILED
        assert "not for modality.example.org" in words
        outcome, words = report(ours, ClientTls(certificate=None, authorities=tmp_path / "missing.pem"))
        assert words.startswith("cannot be called with TLS: DOSEWIRE_TLS_REMOTE_CA")
        assert len(modality.reports) == 1


def test_the_settings_of_the_remote_node_say_whether_reports_go_by_tls(database_url: str) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    settings = {"tls": True, "tls_check_name": False}
    row = {"name": "CT", "ae_title": "CT1", "calling_ae_title": "DOSEWIRE", "hostname": "ct.example.org", "port": 104}
    with engine.begin() as connection:
        connection.execute(insert(RemoteNode).values(**row, qr_settings=settings))
    requester = Requesters(engine=engine).of("CT1", peer_address="192.0.2.1")
    assert requester == Requester(
        host="ct.example.org", port=104, ae_title="CT1", server=ServerIdentity("ct.example.org", is_checked=False)
    )
    engine.dispose()
