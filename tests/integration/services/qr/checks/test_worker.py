"""The qr service with many checks at once, and beside a long retrieval."""

import threading
import time
from datetime import UTC, datetime

import pytest

from shared.database.models import CheckState, QrStudyState, RemoteNode
from shared.jobs.echoes import EchoOutcome, ask_echoes, echo_now, read_echoes
from tests.helpers.qr.node_checks import begin_check, get_check, verdicts_of, wait_check
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import Archive
from tools.pacs.request import SUCCESS, Request
from tools.pacs.scripts import ends
from tools.pacs.server import SimulatedPacs
from tools.peers.raw_peer import RawPeer

pytestmark = pytest.mark.integration

TODAY = datetime.now(UTC).date()
FEW = Archive(count=1, first_day=TODAY, kinds=("ct",))


def nodes(qr_jobs: QrJobs, *ids: int) -> list[RemoteNode]:
    with qr_jobs.sessions() as session:
        return [session.get_one(RemoteNode, one) for one in ids]


def test_no_check_waits_for_a_worker_that_is_busy_with_a_long_retrieval(qr_jobs: QrJobs, services: Services) -> None:
    goes_on, moves = threading.Event(), threading.Event()

    def move(request: Request) -> None:
        moves.set()
        assert goes_on.wait(60)
        ends(SUCCESS, completed=1)(request)

    with SimulatedPacs(archive=FEW, move=move) as pacs:
        remote = qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title)
        services.start("qr")
        store = qr_jobs.store_node(port=11112, host=None)
        job_id = qr_jobs.create(remote_node_id=remote, store_node_id=store, study_instance_uid=FEW.study(0).uid)
        assert moves.wait(30)

        began = time.monotonic()
        (node,) = nodes(qr_jobs, remote)
        echoed = echo_now(sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, node=node, patience=10)
        assert echoed is not None
        assert echoed.alive
        check = wait_check(qr_jobs, begin_check(qr_jobs, remote_node_id=remote), timeout_s=10)
        assert check.passed
        assert time.monotonic() - began < 15
        assert qr_jobs.get(job_id).studies[0].state is QrStudyState.RETRIEVING, "the retrieval goes on"
        goes_on.set()
        assert qr_jobs.wait_until_over(job_id).studies[0].state is QrStudyState.RETRIEVED


def test_slow_nodes_do_not_add_up(qr_jobs: QrJobs, services: Services) -> None:
    services.start("qr", echo_timeout=2)
    with RawPeer() as one, RawPeer() as other, RawPeer() as third:
        slow = nodes(qr_jobs, *(qr_jobs.remote_node(port=peer.port) for peer in (one, other, third)))
        began = time.monotonic()
        ask_echoes(sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, nodes=slow)
        outcomes: list[EchoOutcome | None] = []
        while not outcomes or None in outcomes:
            assert time.monotonic() - began < 5.5
            with qr_jobs.sessions() as session:
                outcomes = read_echoes(session, slow)
            time.sleep(0.05)
    assert not any(outcome.alive for outcome in outcomes if outcome is not None)


def test_many_pages_make_one_echo(qr_jobs: QrJobs, services: Services) -> None:
    echoes: list[None] = []

    def echo(request: Request) -> None:
        echoes.append(None)
        ends(SUCCESS)(request)

    services.start("qr")
    with SimulatedPacs(echo=echo) as pacs:
        asked = nodes(qr_jobs, qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title))
        arguments = {"sessions": qr_jobs.sessions, "amqp_url": qr_jobs.amqp_url, "nodes": asked}
        threads = [threading.Thread(target=ask_echoes, kwargs=arguments) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcome = echo_now(sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, node=asked[0], patience=20)
        assert outcome is not None
        assert outcome.alive
    assert len(echoes) <= 2, "one for all pages, and one for whoever wanted one of now"


def test_a_lost_message_is_found_by_the_sweep(qr_jobs: QrJobs, services: Services, free_port: int) -> None:
    services.start("qr")
    with SimulatedPacs(archive=FEW) as pacs:
        remote = qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title)
        qr_jobs.amqp_url = f"amqp://guest:guest@127.0.0.1:{free_port}/"
        check_id = begin_check(qr_jobs, remote_node_id=remote)
        assert get_check(qr_jobs, check_id).state is CheckState.QUEUED
        check = wait_check(qr_jobs, check_id, timeout_s=40)
    assert check.state is CheckState.DONE
    assert verdicts_of(check)["find"] == "passed"
