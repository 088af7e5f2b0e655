"""Node tests and echoes as messages ask for them, and what stands in the database afterwards."""

import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, delete, update

from services.qr.checks.echo import EchoReply
from services.qr.checks.echo_store import NodeEchoes
from services.qr.checks.handler import CheckHandler
from services.qr.jobs.claim import claim
from services.qr.remote.errors import Stopping, WorkTaken
from shared.broker.consumer import Delivery
from shared.database.engine import make_sessions
from shared.database.models import CheckState, NodeCheck, ObjectState, ReceivedObject, RemoteNode, StoreNode
from shared.jobs.checks import steps_of
from shared.jobs.echoes import ask_echoes, read_echoes
from shared.messages import CheckNode
from tests.helpers.qr.node_checks import begin_check, echo_rows, get_check, verdicts_of, wait_check
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import Archive
from tools.pacs.request import SUCCESS, Request
from tools.pacs.scripts import ends
from tools.pacs.server import SimulatedPacs

pytestmark = pytest.mark.integration

TODAY = datetime.now(UTC).date()
FEW = Archive(count=3, first_day=TODAY, kinds=("ct",))
QUERIED = {"tcp": "passed", "association": "passed", "echo": "passed", "find": "passed", "move": "skipped"}


def take(handler: CheckHandler, message: CheckNode) -> BaseException | None:
    (outcome,) = handler([Delivery(message, 0)])
    return outcome


def test_a_node_is_tested(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    with SimulatedPacs(archive=FEW) as pacs:
        remote = qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title)
        check_id = begin_check(qr_jobs, remote_node_id=remote)
        assert take(handler, CheckNode(check_id=check_id)) is None
        check = get_check(qr_jobs, check_id)
        assert (check.state, check.passed, check.detail) == (CheckState.DONE, True, "")
        assert verdicts_of(check) == QUERIED
        assert check.started_at is not None
        assert check.finished_at is not None

        queries = pacs.counts.copy()
        assert take(handler, CheckNode(check_id=check_id)) is None, "its message has come twice"
        assert pacs.counts == queries


def test_a_step_is_seen_as_soon_as_it_is_over(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    goes_on = threading.Event()

    def find(request: Request) -> None:
        assert goes_on.wait(30)
        ends(SUCCESS)(request)

    with SimulatedPacs(find=find) as pacs:
        remote = qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title)
        check_id = begin_check(qr_jobs, remote_node_id=remote)
        thread = threading.Thread(target=take, args=(handler, CheckNode(check_id=check_id)))
        thread.start()
        check = wait_check(qr_jobs, check_id, lambda check: len(check.steps) == 3)
        assert check.state is CheckState.RUNNING
        assert verdicts_of(check) == {"tcp": "passed", "association": "passed", "echo": "passed"}
        goes_on.set()
        thread.join()
    assert verdicts_of(get_check(qr_jobs, check_id)) == QUERIED


def test_a_failed_step_is_the_outcome(handler: CheckHandler, qr_jobs: QrJobs, free_port: int) -> None:
    check_id = begin_check(qr_jobs, remote_node_id=qr_jobs.remote_node(port=free_port))
    assert take(handler, CheckNode(check_id=check_id)) is None, "nothing is tried again"
    check = get_check(qr_jobs, check_id)
    assert (check.state, check.passed) == (CheckState.DONE, False)
    assert verdicts_of(check) == {"tcp": "failed"} | dict.fromkeys(list(QUERIED)[1:], "skipped")
    assert "nothing listens on" in steps_of(check)[0].detail


def add_reception(jobs: QrJobs, *, sop_instance_uid: str, store_node: str, trace_id: str) -> None:
    with jobs.sessions.begin() as session:
        session.add(
            ReceivedObject(
                trace_id=trace_id,
                source="c_store",
                received_at=datetime.now(UTC),
                store_node=store_node,
                sop_instance_uid=sop_instance_uid,
                size_bytes=1,
                state=ObjectState.IMPORTED,
            )
        )


@pytest.mark.parametrize(
    ("came_to", "detail"),
    [
        ("store 0", "has sent an object, and store 0 has received it: imported"),
        ("another store", "says that it has sent an object, but store 0 has not received it"),
        (None, "says that it has sent an object, but store 0 has not received it"),
    ],
)
def test_what_our_own_node_has_received_by_the_move_is_looked_up(
    handler: CheckHandler, qr_jobs: QrJobs, came_to: str | None, detail: str
) -> None:
    def move(request: Request) -> None:
        if came_to is not None:
            uid = str(request.identifier.SOPInstanceUID)
            add_reception(qr_jobs, sop_instance_uid=uid, store_node=came_to, trace_id="0" * 32)
        ends(SUCCESS, completed=1)(request)

    study = FEW.study(0)
    with SimulatedPacs(archive=FEW, move=move) as pacs:
        remote = qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title)
        ours = qr_jobs.store_node(port=11112, managed=True)
        uids = [uid for index in range(len(study.plan.series)) for uid, _ in study.instance_uids(index)]
        for number, uid in enumerate(uids, 1):
            # What has come a moment before, by whatever way, says nothing about this move.
            add_reception(qr_jobs, sop_instance_uid=uid, store_node="store 0", trace_id=f"{number:032}")
        check_id = begin_check(qr_jobs, remote_node_id=remote, store_node_id=ours, study=study.uid)
        assert take(handler, CheckNode(check_id=check_id)) is None
    assert steps_of(get_check(qr_jobs, check_id))[-1].detail.startswith(detail)


def test_a_test_whose_store_node_was_deleted_has_failed(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    remote, store = qr_jobs.remote_node(port=104), qr_jobs.store_node(port=11112)
    check_id = begin_check(qr_jobs, remote_node_id=remote, store_node_id=store)
    with qr_jobs.sessions.begin() as session:
        session.execute(delete(StoreNode))
    assert take(handler, CheckNode(check_id=check_id)) is None
    check = get_check(qr_jobs, check_id)
    assert (check.state, check.passed) == (CheckState.FAILED, None)
    assert "the store node that it shall send to was deleted" in check.detail


def test_a_test_that_cannot_be_made_says_why(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    remote, store = qr_jobs.remote_node(port=104), qr_jobs.store_node(port=11112, managed=True, enabled=False)
    check_id = begin_check(qr_jobs, remote_node_id=remote, store_node_id=store)
    assert take(handler, CheckNode(check_id=check_id)) is None
    check = get_check(qr_jobs, check_id)
    assert (check.state, check.passed) == (CheckState.FAILED, None)
    assert check.detail == "store node store 0 is switched off: switch it on, or take another as destination"

    with qr_jobs.sessions.begin() as session:
        session.execute(update(RemoteNode).values(qr_settings={"max_associations": "many"}))
    check_id = begin_check(qr_jobs, remote_node_id=remote)
    assert take(handler, CheckNode(check_id=check_id)) is None
    check = get_check(qr_jobs, check_id)
    assert (check.state, check.detail) == (CheckState.FAILED, "ValidationError; the log of the qr service says more")


def test_what_is_gone_is_dropped(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    check_id = begin_check(qr_jobs, remote_node_id=qr_jobs.remote_node(port=104))
    with qr_jobs.sessions.begin() as session:
        session.execute(delete(NodeCheck))
    assert take(handler, CheckNode(check_id=check_id)) is None
    assert take(handler, CheckNode(remote_node_id=99)) is None
    assert take(handler, CheckNode(store_node_id=99)) is None


def test_a_test_is_made_by_one_worker(handler: CheckHandler, qr_jobs: QrJobs, engine: Engine) -> None:
    check_id = begin_check(qr_jobs, remote_node_id=qr_jobs.remote_node(port=104))
    message = CheckNode(check_id=check_id)
    with claim(engine, message):
        assert isinstance(take(handler, message), WorkTaken)
    assert get_check(qr_jobs, check_id).state is CheckState.QUEUED


def test_a_worker_that_is_stopped_leaves_the_test_to_another(
    handler: CheckHandler, qr_jobs: QrJobs, stop: threading.Event
) -> None:
    with SimulatedPacs() as pacs:
        remote = qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title)
        check_id = begin_check(qr_jobs, remote_node_id=remote)
        outcomes: list[BaseException | None] = []
        thread = threading.Thread(target=lambda: outcomes.append(take(handler, CheckNode(check_id=check_id))))
        thread.start()
        wait_check(qr_jobs, check_id, lambda check: len(check.steps) == 3)
        stop.set()
        thread.join()
    assert isinstance(outcomes[0], Stopping)
    assert get_check(qr_jobs, check_id).state is CheckState.RUNNING

    stop.clear()
    with SimulatedPacs(archive=FEW, port=pacs.port) as pacs:
        assert take(handler, CheckNode(check_id=check_id)) is None
    assert verdicts_of(get_check(qr_jobs, check_id)) == QUERIED, "it began again from its first step"


class Asked:
    """A remote node and a store node of a third party that were asked for."""

    def __init__(self, jobs: QrJobs, *, remote_port: int, store_port: int, ae_title: str) -> None:
        self.jobs = jobs
        self.remote_id = jobs.remote_node(port=remote_port, ae_title=ae_title)
        self.store_id = jobs.store_node(port=store_port, ae_title=ae_title)
        self.ask()

    def ask(self) -> None:
        ask_echoes(sessions=self.jobs.sessions, amqp_url=self.jobs.amqp_url, nodes=self.nodes(), even_if_fresh=True)

    def nodes(self) -> list[RemoteNode | StoreNode]:
        with self.jobs.sessions() as session:
            return [session.get_one(RemoteNode, self.remote_id), session.get_one(StoreNode, self.store_id)]

    def outcomes(self) -> list[tuple[bool, str, str] | None]:
        with self.jobs.sessions() as session:
            return [
                None if one is None else (one.alive, one.detail, one.calling_ae_title)
                for one in read_echoes(session, self.nodes())
            ]


def test_nodes_are_echoed(handler: CheckHandler, qr_jobs: QrJobs, free_port: int) -> None:
    with SimulatedPacs() as pacs:
        asked = Asked(qr_jobs, remote_port=pacs.port, store_port=free_port, ae_title=pacs.ae_title)
        messages = [CheckNode(remote_node_id=asked.remote_id), CheckNode(store_node_id=asked.store_id)]
        assert [take(handler, message) for message in messages] == [None, None]
        alive, silent = asked.outcomes()
        assert alive == (True, "answers C-ECHO", "DOSEWIRE")
        assert silent is not None
        assert silent[0] is False
        assert silent[1] == f"nothing listens on 127.0.0.1:{free_port}; is it started, is the port right?"
        assert silent[2] == "WATCHER"


def test_an_echo_that_was_sent_already_is_not_sent_again(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    echoes: list[None] = []

    def echo(request: Request) -> None:
        echoes.append(None)
        ends(SUCCESS)(request)

    with SimulatedPacs(echo=echo) as pacs:
        asked = Asked(qr_jobs, remote_port=pacs.port, store_port=pacs.port, ae_title=pacs.ae_title)
        for _ in range(3):
            take(handler, CheckNode(remote_node_id=asked.remote_id))
        assert len(echoes) == 1
        asked.ask()
        take(handler, CheckNode(remote_node_id=asked.remote_id))
        assert len(echoes) == 2


def test_an_outcome_of_old_settings_is_not_written(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    changed = threading.Event()

    def echo(request: Request) -> None:
        assert changed.wait(30)
        ends(SUCCESS)(request)

    with SimulatedPacs(echo=echo) as pacs:
        asked = Asked(qr_jobs, remote_port=pacs.port, store_port=pacs.port, ae_title=pacs.ae_title)
        thread = threading.Thread(target=take, args=(handler, CheckNode(remote_node_id=asked.remote_id)))
        thread.start()
        time.sleep(0.3)
        with qr_jobs.sessions.begin() as session:
            session.execute(update(RemoteNode).values(calling_ae_title="OTHER"))
        asked.ask()
        changed.set()
        thread.join()
        assert asked.outcomes()[0] is None
        take(handler, CheckNode(remote_node_id=asked.remote_id))
        assert asked.outcomes()[0] == (True, "answers C-ECHO", "OTHER")


def test_an_echo_of_settings_that_are_wrong_leaves_no_message(handler: CheckHandler, qr_jobs: QrJobs) -> None:
    asked = Asked(qr_jobs, remote_port=104, store_port=105, ae_title="PACS")
    with qr_jobs.sessions.begin() as session:
        session.execute(update(RemoteNode).values(qr_settings={"max_associations": "many"}))
    assert take(handler, CheckNode(remote_node_id=asked.remote_id)) is None
    assert [row.echoed_at for row in echo_rows(qr_jobs)] == [None, None]


def test_an_older_outcome_does_not_take_the_place_of_a_later_one(qr_jobs: QrJobs, engine: Engine) -> None:
    echoes = NodeEchoes(sessions=make_sessions(engine))
    asked = Asked(qr_jobs, remote_port=104, store_port=104, ae_title="PACS")
    older = echoes.begin(remote_node_id=asked.remote_id, store_node_id=None)
    later = echoes.begin(remote_node_id=asked.remote_id, store_node_id=None)
    assert older is not None
    assert later is not None
    for wanted, alive in ((later, True), (older, False)):
        echoes.write(wanted, EchoReply(alive=alive, detail="", duration_ms=1), calling_ae_title="DOSEWIRE")
    assert asked.outcomes()[0] == (True, "", "DOSEWIRE")
