"""A peer that hangs at each step of the protocol in turn: the step ends in time, the job says why, the worker lives on.

One process serves all of it. Each job meets a peer that hangs; another job is done meanwhile; then the remote node is
put right, and the first job comes to its end.
"""

import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID
from sqlalchemy import update

from shared.database.engine import make_engine
from shared.database.models import RemoteNode
from shared.database.models.qr import QrJob, QrJobState, QrStudyState
from shared.jobs.options import JobOptions, ModalityClass
from tests.helpers.qr.scripted_store import ScriptedStore
from tests.helpers.servers import database_of, session_broker, session_database_server
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.request import PENDING, SUCCESS, Request
from tools.pacs.scripts import Script, silent
from tools.pacs.server import SimulatedPacs
from tools.peers.raw_peer import A_ASSOCIATE_AC_BEGUN, RawPeer
from tools.stack.ports import LOOPBACK
from tools.stack.postgres import create_database, drop_database
from tools.stack.vhosts import VirtualHosts

pytestmark = pytest.mark.interop

DAY = date(2026, 3, 10)
STUDY = "1.2.826.0.1.3680043.8.498.7"
DOSE_REPORT = UID("1.2.840.10008.5.1.4.1.1.88.67")
TOTAL = 3
"""Seconds for a whole association."""
SHORT: dict[str, object] = {"connect_seconds": 1, "acse_seconds": 1, "idle_seconds": 1}
"""The settings of each remote node."""
PATIENCE = 4
"""What a busy machine may add to a deadline."""
P_DATA_BEGUN = bytes((4, 0, 0, 0, 1, 0, 0, 0, 0, 0xFA))  # says 256 bytes, gives 4
CT_ONLY = JobOptions(modalities=(ModalityClass.CT,))


class Peer(Protocol):
    """Whom a job calls."""

    port: int


def answers(request: Request) -> None:
    """Tell of one CT study with a dose report, whatever the level."""
    answer = Dataset()
    answer.QueryRetrieveLevel = level = request.identifier.QueryRetrieveLevel
    answer.StudyInstanceUID = STUDY
    if level == "STUDY":
        answer.StudyDate = f"{DAY:%Y%m%d}"
        answer.ModalitiesInStudy = ["CT", "SR"]
    else:
        answer.SeriesInstanceUID = f"{STUDY}.1"
        answer.Modality = "SR"
    if level == "IMAGE":
        answer.SOPInstanceUID = f"{STUDY}.1.1"
        answer.SOPClassUID = DOSE_REPORT
        answer.InstanceNumber = 1
    request.answer(answer)
    request.respond(SUCCESS)


def sends(request: Request) -> None:
    """Say that one object has been sent."""
    request.respond(SUCCESS, completed=1, failed=0, warning=0)


def sends_and_hangs(request: Request) -> None:
    """Do what was asked for, and nothing any more: not even the release is answered."""
    sends(request)
    silent(request)


def pending_for_ever(request: Request) -> None:
    """Say that it goes on, often enough never to be silent."""
    while request.alive:
        request.respond(PENDING)
        request.wait(0.2)


def begins_a_pdu(request: Request) -> None:
    """Stop in the middle of a PDU."""
    request.send_bytes(P_DATA_BEGUN)
    silent(request)


def at(level: str, script: Script) -> Script:
    """Return a script for C-FIND that misbehaves at one level."""
    return lambda request: (script if request.identifier.QueryRetrieveLevel == level else answers)(request)


def pacs(
    *, echo: Script | None = None, find: Script = answers, move: Script = sends, get: Script | None = None
) -> SimulatedPacs:
    return SimulatedPacs(echo=echo, find=find, move=move, get=get)


@contextmanager
def nobody() -> Iterator[Peer]:
    """A port whose queue of connections is full: the kernel drops what comes, as a firewall does."""

    @dataclass
    class Port:
        port: int

    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        yield Port(listener.getsockname()[1])
        for sock in waiting:
            sock.close()


@dataclass(frozen=True)
class Hang:
    """Where a peer hangs, what the job says of it, and where it stands then."""

    peer: Callable[[], AbstractContextManager[Peer]]
    reason: str
    in_retrieval: bool = False
    options: JobOptions | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


NO_ANSWER = "gives no valid answer to an association request within 1 seconds"
SILENT = "was silent for 1 seconds"
TOO_LONG = f"was not done after {TOTAL} seconds"
HANGS = {
    "connect": Hang(nobody, "does not answer within 1 s"),
    "TLS handshake": Hang(RawPeer, "does not finish the TLS handshake within 1 seconds", settings={"tls": True}),
    "associate": Hang(RawPeer, NO_ANSWER),
    "associate, in mid-PDU": Hang(lambda: RawPeer(answer=A_ASSOCIATE_AC_BEGUN), NO_ANSWER),
    "associate, byte by byte": Hang(lambda: RawPeer(answer=A_ASSOCIATE_AC_BEGUN, drip=b"\0"), NO_ANSWER),
    "echo": Hang(lambda: pacs(echo=silent), SILENT),
    "find studies": Hang(lambda: pacs(find=at("STUDY", silent)), SILENT),
    "find studies, in mid-PDU": Hang(lambda: pacs(find=at("STUDY", begins_a_pdu)), SILENT),
    "find studies, pending for ever": Hang(lambda: pacs(find=at("STUDY", pending_for_ever)), TOO_LONG),
    "find series": Hang(lambda: pacs(find=at("SERIES", silent)), SILENT, in_retrieval=True, options=CT_ONLY),
    "find instances": Hang(lambda: pacs(find=at("IMAGE", silent)), SILENT, in_retrieval=True, options=CT_ONLY),
    "move": Hang(lambda: pacs(move=silent), SILENT, in_retrieval=True),
    "move, in mid-PDU": Hang(lambda: pacs(move=begins_a_pdu), SILENT, in_retrieval=True),
    "move, pending for ever": Hang(lambda: pacs(move=pending_for_ever), TOO_LONG, in_retrieval=True),
    "get": Hang(lambda: pacs(get=silent), SILENT, in_retrieval=True, settings={"retrieve_by": "get"}),
    "get, in mid-PDU": Hang(lambda: pacs(get=begins_a_pdu), SILENT, in_retrieval=True, settings={"retrieve_by": "get"}),
}


class Setting:
    """A database, a virtual host, a store node, and the one worker."""

    def __init__(self, *, jobs: QrJobs, services: Services, store: ScriptedStore) -> None:
        self.jobs = jobs
        self.worker = services.start("qr", qr_step_seconds=TOTAL, qr_sweep_seconds="0.3", qr_overdue_seconds=30)
        self._pid = self.worker.pid
        self._store_node = jobs.store_node(port=store.port, ae_title=store.ae_title)

    def begin(self, peer: Peer, *, options: JobOptions | None = None, **settings: object) -> QrJob:
        """Begin a job for a new remote node."""
        node = self.jobs.remote_node(port=peer.port, settings=SHORT | settings)
        job_id = self.jobs.create(
            remote_node_id=node, store_node_id=self._store_node, date_from=DAY, date_until=DAY, options=options
        )
        return self.jobs.get(job_id)

    def first_failure(self, job: QrJob) -> QrJob:
        """Wait until a step of the job has failed."""
        return self.jobs.wait(job.id, lambda job: bool(job.state_detail) or not job.state.is_open, timeout_s=30)

    def put_right(self, job: QrJob, good: Peer) -> QrJob:
        """Let the job's remote node be one that behaves, and its next attempt due; return the job when it is over."""
        with self.jobs.sessions.begin() as session:
            statement = update(RemoteNode).where(RemoteNode.id == job.remote_node_id)
            session.execute(statement.values(port=good.port, qr_settings=SHORT))
        self.jobs.let_pass(1000)
        return self.jobs.wait_until_over(job.id, timeout_s=30)

    def assert_the_same_worker_does(self, good: Peer) -> None:
        """It has not been replaced, and it does a job."""
        job = self.jobs.wait_until_over(self.begin(good).id, timeout_s=15)
        assert (job.state, job.state_detail) == (QrJobState.COMPLETE, "1 study retrieved")
        assert self.worker.running
        assert self.worker.pid == self._pid


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """Made once for all tests: it is the point that the worker lives through everything."""
    folder = tmp_path_factory.mktemp("hanging")
    server, broker = session_database_server(), session_broker()
    name = f"dosewire_test_{secrets.token_hex(8)}"
    create_database(server.url, name, template=server.template)
    vhosts = VirtualHosts(amqp_url=broker.amqp_url, api_url=broker.api_url)
    database_url, amqp_url = database_of(server.url, name), vhosts.add(name)
    engine = make_engine(database_url=database_url, name="dosewire-test")
    services = Services(
        folder=folder,
        defaults={"database_url": lambda: database_url, "amqp_url": lambda: amqp_url, "data_dir": lambda: folder},
    )
    with ScriptedStore(sop_classes=(DOSE_REPORT,)) as store:
        yield Setting(jobs=QrJobs(engine=engine, amqp_url=amqp_url), services=services, store=store)
        services.close()
    engine.dispose()
    vhosts.delete(name)
    drop_database(server.url, name)


@pytest.mark.parametrize("step", HANGS)
def test_a_peer_that_hangs(setting: Setting, step: str) -> None:
    hang = HANGS[step]
    with pacs() as good:
        with hang.peer() as peer:
            began = time.monotonic()
            job = setting.first_failure(setting.begin(peer, options=hang.options, **hang.settings))
            seconds = time.monotonic() - began
        setting.assert_the_same_worker_does(good)

        if hang.in_retrieval:
            assert job.state is QrJobState.RETRIEVING
            (study,) = job.studies
            assert (study.state, study.attempts) == (QrStudyState.FOUND, 1)
            said = study.reason
        else:
            assert job.state is QrJobState.QUERYING
            said = job.state_detail
        assert hang.reason in said
        assert job.remote_node.name in said
        assert said.endswith("; attempt 1 of 8, again in 5 seconds")
        assert seconds < TOTAL + PATIENCE

        done = setting.put_right(job, good)
        assert done.state is QrJobState.COMPLETE
        assert [study.state for study in done.studies] == [QrStudyState.RETRIEVED]


def test_a_peer_that_hangs_at_the_release_costs_only_time(setting: Setting) -> None:
    with pacs(move=sends_and_hangs) as peer, pacs() as good:
        began = time.monotonic()
        job = setting.jobs.wait_until_over(setting.begin(peer).id)
        assert time.monotonic() - began < TOTAL + PATIENCE
        assert (job.state, job.studies[0].reason) == (QrJobState.COMPLETE, "1 object sent")
        setting.assert_the_same_worker_does(good)
