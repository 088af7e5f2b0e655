"""Peers that drop, refuse and answer nonsense: the job says why. Those that hang are in `test_hanging_peers`."""

import time
from datetime import date, timedelta
from uuid import UUID

import pytest
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from shared.database.models.qr import QrJob, QrJobState, QrStudyState
from shared.jobs.control import cancel_job
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.request import PENDING, SUCCESS, Request
from tools.pacs.scripts import ends, finds, refuses_over
from tools.pacs.server import SimulatedPacs
from tools.peers.raw_peer import RawPeer

pytestmark = pytest.mark.interop

DAY = date(2026, 3, 10)
STUDY = "1.2.826.0.1.3680043.8.498.7"
OTHER_STUDY = "1.2.826.0.1.3680043.8.498.8"
CONNECT, ACSE, IDLE, TOTAL = 2, 2, 3, 6
GRACE = 5

Peer = RawPeer | SimulatedPacs


class Setting:
    """A qr service with short deadlines, and a way to give it jobs for a peer."""

    def __init__(self, *, jobs: QrJobs, services: Services) -> None:
        self.jobs = jobs
        self.service = services.start(
            "qr", qr_connect_seconds=CONNECT, qr_acse_seconds=ACSE, qr_idle_seconds=IDLE, qr_step_seconds=TOTAL
        )

    def begin(self, peer: Peer) -> UUID:
        """Give it a job for the peer."""
        return self.jobs.create(
            remote_node_id=self.jobs.remote_node(port=peer.port),
            store_node_id=self.jobs.store_node(port=11112, host=None),
            date_from=DAY,
            date_until=DAY,
        )

    def run(self, peer: Peer) -> QrJob:
        """Give it a job for the peer; return the job when it is over."""
        return self.jobs.wait_until_over(self.begin(peer))

    def until_first_failure(self, peer: Peer) -> tuple[QrJob, float]:
        """Give it a job for the peer; return the job when a step of it has failed, and after how many seconds."""
        began = time.monotonic()
        job_id = self.begin(peer)
        job = self.jobs.wait(job_id, lambda job: bool(job.state_detail) or not job.state.is_open, timeout_s=30)
        return job, time.monotonic() - began

    def assert_still_works(self) -> None:
        """The same process takes a step still."""
        with SimulatedPacs(find=finds()) as pacs:
            assert self.run(pacs).state is QrJobState.COMPLETE


@pytest.fixture
def setting(qr_jobs: QrJobs, services: Services) -> Setting:
    return Setting(jobs=qr_jobs, services=services)


def pending_for_ever(request: Request) -> None:
    while request.alive:
        request.respond(PENDING, remaining=9, completed=1)
        request.wait(0.2)


def drops(request: Request) -> None:
    request.respond(PENDING, remaining=2, completed=1)
    request.abort()


def test_a_peer_that_drops_a_query_is_tried_again(setting: Setting) -> None:
    with SimulatedPacs(find=drops) as peer:
        job, _ = setting.until_first_failure(peer)

        assert job.state is QrJobState.QUERYING
        assert "dropped the association" in job.state_detail
        assert job.state_detail.endswith("; attempt 1 of 8, again in 5 seconds")
        assert job.remote_node.name in job.state_detail


def test_a_peer_that_drops_a_retrieval_is_tried_again(setting: Setting) -> None:
    with SimulatedPacs(find=finds(STUDY), move=drops) as pacs:
        job, _ = setting.until_first_failure(pacs)

        assert job.state is QrJobState.RETRIEVING
        (study,) = job.studies
        assert (study.state, study.attempts) == (QrStudyState.FOUND, 1)
        assert "dropped the association" in study.reason
        assert study.reason.endswith("; attempt 1 of 8, again in 5 seconds")


def test_a_peer_that_is_not_there(setting: Setting) -> None:
    peer = SimulatedPacs()
    job, seconds = setting.until_first_failure(peer)

    assert f"PACS at 127.0.0.1:{peer.port}) cannot be reached: nothing listens on" in job.state_detail
    assert seconds < CONNECT + GRACE


def test_some_objects_that_could_not_be_sent_are_tried_again_and_then_fail(setting: Setting) -> None:
    with SimulatedPacs(find=finds(STUDY), move=ends(0xB000, completed=7, failed=3, warning=0)) as pacs:
        job, _ = setting.until_first_failure(pacs)

        assert "could not send 3 of 10 objects to AE title DOSEWIRE" in job.state_detail
        assert "attempt 1 of 3" in job.state_detail
        assert (job.studies[0].completed, job.studies[0].failed) == (7, 3)


def test_a_refusal_of_one_study_does_not_concern_the_others(setting: Setting) -> None:
    def move(request: Request) -> None:
        if request.identifier.StudyInstanceUID == STUDY:
            request.respond(0xA900)
        else:
            request.respond(SUCCESS, completed=2, failed=0, warning=0)

    with SimulatedPacs(find=finds(STUDY, OTHER_STUDY), move=move) as pacs:
        job = setting.run(pacs)

    assert (job.state, job.state_detail) == (QrJobState.PARTIAL, "1 of 2 studies retrieved, 1 failed; each says why")
    refused, sent = job.studies
    assert (refused.state, sent.state) == (QrStudyState.FAILED, QrStudyState.RETRIEVED)
    assert "A900 (it does not understand the identifier)" in refused.reason


def test_an_unknown_destination_ends_the_whole_job_at_once(setting: Setting) -> None:
    with SimulatedPacs(find=finds(STUDY, OTHER_STUDY), move=ends(0xA801)) as pacs:
        job = setting.run(pacs)

        assert job.state is QrJobState.FAILED
        assert "does not know the move destination DOSEWIRE" in job.state_detail
        assert "(AE title DOSEWIRE, the address of the machine where" in job.state_detail
        assert {study.state for study in job.studies} == {QrStudyState.FAILED}
        assert pacs.requests == ["C_FIND", "C_MOVE"]


def test_a_node_that_refuses_many_matches_is_asked_for_shorter_ranges(setting: Setting, qr_jobs: QrJobs) -> None:
    days = [DAY + timedelta(days=number) for number in range(28)]
    studies = {day: [f"1.2.{number}.{part}" for part in range(3)] for number, day in enumerate(days)}
    with SimulatedPacs(find=refuses_over(10, studies), move=ends(SUCCESS, completed=1)) as pacs:
        job_id = qr_jobs.create(
            remote_node_id=qr_jobs.remote_node(port=pacs.port),
            store_node_id=qr_jobs.store_node(port=11112, host=None),
            date_from=days[0],
            date_until=days[-1],
        )
        job = qr_jobs.wait(job_id, lambda job: job.state is not QrJobState.QUERYING and bool(job.studies))

        assert sorted(study.study_instance_uid for study in job.studies) == sorted(
            uid for uids in studies.values() for uid in uids
        )
        assert pacs.requests.count("C_FIND") <= 2 * 10  # three days at a time are the most that it answers for
        cancel_job(sessions=qr_jobs.sessions, job_id=job_id)


def test_a_single_day_that_is_refused_is_tried_again_later(setting: Setting) -> None:
    with SimulatedPacs(find=refuses_over(2, {DAY: ["1.2.1", "1.2.2", "1.2.3"]})) as pacs:
        job, _ = setting.until_first_failure(pacs)

        assert job.state is QrJobState.QUERYING
        assert "status A700 (out of resources); attempt 1 of 3, again in 5 seconds" in job.state_detail


def test_success_without_objects_is_no_success(setting: Setting) -> None:
    with SimulatedPacs(find=finds(STUDY), move=ends(SUCCESS, completed=0, failed=0, warning=0)) as pacs:
        job = setting.run(pacs)

    assert job.state is QrJobState.FAILED
    assert job.studies[0].reason.endswith("reports success, but has sent no object")


def test_answers_that_come_twice_or_make_no_sense(setting: Setting) -> None:
    with SimulatedPacs(find=finds(STUDY, STUDY, "", "not a UID", STUDY), move=ends(SUCCESS)) as pacs:
        job = setting.run(pacs)

    assert (job.state, job.state_detail) == (
        QrJobState.COMPLETE,
        "1 study retrieved; the node answers more than once for a study: each is taken once",
    )
    assert job.studies[0].reason == (
        "sent; the remote node did not say how many objects; its final response to C-MOVE has no counts"
    )


def test_nothing_that_a_peer_says_of_a_patient_reaches_the_log(setting: Setting) -> None:
    def find(request: Request) -> None:
        answer = Dataset()
        answer.QueryRetrieveLevel = "STUDY"
        answer.StudyInstanceUID = STUDY
        answer.PatientName = "SECRET^NAME"
        for keyword, vr in (("StudyDate", "LO"), ("ModalitiesInStudy", "LO"), ("NumberOfStudyRelatedInstances", "LO")):
            answer.add(DataElement(keyword, vr, "SECRET" * 20, validation_mode=IGNORE))
        request.answer(answer)
        answer.add(DataElement("StudyInstanceUID", "UI", "SECRET", validation_mode=IGNORE))
        request.answer(answer)
        request.answer(b"\x10\x00\x10\x00\xff\xff\x00\x00SECRET")
        request.answer(b"SECRET")
        request.respond(SUCCESS)

    with SimulatedPacs(find=find, move=ends(SUCCESS, completed=1)) as pacs:
        job = setting.run(pacs)

    assert (job.state, job.state_detail) == (QrJobState.COMPLETE, "1 study retrieved")
    log = setting.service.log_file.read_text()
    assert "answers without a usable Study Instance UID" in log
    assert "SECRET" not in log


def test_a_job_for_a_study_that_is_not_there_fails(setting: Setting, qr_jobs: QrJobs) -> None:
    with SimulatedPacs(find=finds()) as pacs:
        job_id = qr_jobs.create(
            remote_node_id=qr_jobs.remote_node(port=pacs.port),
            store_node_id=qr_jobs.store_node(port=11112, host=None),
            study_instance_uid=STUDY,
        )
        job = qr_jobs.wait_until_over(job_id)

    assert (job.state, job.state_detail) == (QrJobState.FAILED, f"PACS 0 has no study {STUDY}")


@pytest.mark.parametrize("obedient", [True, False])
def test_cancelling_stops_a_retrieval_within_seconds(setting: Setting, qr_jobs: QrJobs, *, obedient: bool) -> None:
    cancels = []

    def move(request: Request) -> None:
        while request.alive:
            request.respond(PENDING, remaining=9, completed=1)
            if request.cancelled:
                cancels.append(request)
                if obedient:
                    request.respond(0xFE00, remaining=9, completed=1)
                    return
            request.wait(0.2)

    with SimulatedPacs(find=finds(STUDY, OTHER_STUDY), move=move) as pacs:
        job_id = setting.begin(pacs)
        qr_jobs.wait(job_id, lambda job: any(study.state is QrStudyState.RETRIEVING for study in job.studies))
        assert cancel_job(sessions=qr_jobs.sessions, job_id=job_id)
        began = time.monotonic()
        job = qr_jobs.wait(job_id, lambda job: all(study.state is QrStudyState.CANCELLED for study in job.studies))

        assert job.state is QrJobState.CANCELLED
        assert time.monotonic() - began < (5 if obedient else 10)
        assert cancels
        assert job.studies[0].reason == "cancelled while it was being retrieved"
        assert job.studies[1].reason == "the job was cancelled before its turn"
        setting.assert_still_works()


def test_cancelling_stops_a_query_within_seconds(setting: Setting, qr_jobs: QrJobs) -> None:
    cancels = []

    def find(request: Request) -> None:
        while request.alive:
            if request.cancelled:
                cancels.append(request)
                request.respond(0xFE00)
                return
            request.wait(0.1)

    with SimulatedPacs(find=find) as pacs:
        job_id = setting.begin(pacs)
        qr_jobs.wait(job_id, lambda _: "C_FIND" in pacs.requests)
        assert cancel_job(sessions=qr_jobs.sessions, job_id=job_id)
        began = time.monotonic()
        while not cancels:
            assert time.monotonic() - began < 5
            time.sleep(0.1)
        assert qr_jobs.get(job_id).state is QrJobState.CANCELLED
        setting.assert_still_works()


def test_a_worker_that_is_asked_to_stop_gives_its_step_back(setting: Setting, services: Services) -> None:
    def first_hangs(request: Request) -> None:
        if pacs.requests.count("C_MOVE") == 1:
            pending_for_ever(request)
        else:
            request.respond(SUCCESS, completed=1, failed=0, warning=0)

    with SimulatedPacs(find=finds(STUDY), move=first_hangs) as pacs:
        job_id = setting.begin(pacs)
        setting.jobs.wait(job_id, lambda job: any(study.completed for study in job.studies))
        setting.service.stop(timeout_s=10)
        assert setting.service.exit_status == 0
        assert setting.jobs.get(job_id).state is QrJobState.RETRIEVING

        services.start("qr")
        job = setting.jobs.wait_until_over(job_id)

    assert job.state is QrJobState.COMPLETE
    assert job.studies[0].attempts == 0
