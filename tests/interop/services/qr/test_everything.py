"""Jobs that name no classes: everything of each study, reconciled with what was received like what was chosen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.database.models.qr import QrJobState, QrStudyState
from shared.jobs.control import retrieve_job
from tests.helpers.qr.hospital import DAY, Hospital
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import SimulatedStudy
from tools.pacs.process import SimulatedPacsProcess
from tools.pacs.quirks import Quirks

pytestmark = pytest.mark.interop


@pytest.fixture
def hospital(qr_jobs: QrJobs, services: Services) -> Hospital:
    return Hospital(jobs=qr_jobs, services=services)


def instances(study: SimulatedStudy) -> Iterator[str]:
    for index in range(len(study.plan.series)):
        yield from (uid for uid, _ in study.instance_uids(index))


def pacs_of(hospital: Hospital, folder: Path, *kinds: str, quirks: Quirks | None = None) -> SimulatedPacsProcess:
    return SimulatedPacsProcess(
        folder=folder,
        destinations={"DOSEWIRE": hospital.port},
        studies=len(kinds),
        first_day=DAY,
        kinds=kinds,
        quirks=quirks,
    )


def test_what_did_not_arrive_is_asked_for_again_and_what_is_known_is_not(hospital: Hospital, tmp_path: Path) -> None:
    with pacs_of(hospital, tmp_path / "pacs", "cr", quirks=Quirks(drops_in_move=1)) as pacs:
        cr = pacs.archive.study(0)
        job = hospital.jobs.wait_until_over(hospital.begin(pacs))
        moves = {name: count for name, count in pacs.counts.items() if name.startswith("C_MOVE")}
        second = hospital.jobs.wait_until_over(hospital.begin(pacs))
        assert pacs.counts["objects sent"] == 3

    assert (job.state, job.state_detail) == (QrJobState.COMPLETE, "1 study retrieved")
    assert sorted(hospital.received()) == sorted(instances(cr))
    (study,) = job.studies
    assert study.explanation == "everything: 2 series"
    assert study.reason.startswith("3 objects received")
    assert [one.wanted for one in study.series] == [True, True]
    # All at once; then what had not come when the association was dropped: one image of the first series, the report.
    assert moves == {"C_MOVE STUDY": 1, "C_MOVE IMAGE": 1, "C_MOVE SERIES": 1}
    assert [study.state for study in second.studies] == [QrStudyState.SKIPPED]
    assert second.studies[0].explanation.endswith("3 received before, nothing is new")


def test_filters_and_review_hold_for_everything_too(hospital: Hospital, tmp_path: Path) -> None:
    with pacs_of(hospital, tmp_path / "pacs", "us", "cr") as pacs:
        us, cr = (pacs.archive.study(number) for number in range(2))
        job_id = hospital.begin(pacs, description_exclude=["ultrasound"], review=True)
        job = hospital.jobs.wait(job_id, lambda job: job.state is QrJobState.REVIEW)
        assert hospital.received() == []
        assert {study.study_instance_uid: study.state for study in job.studies} == {
            us.uid: QrStudyState.SKIPPED,
            cr.uid: QrStudyState.CHOSEN,
        }
        assert retrieve_job(sessions=hospital.jobs.sessions, amqp_url=hospital.jobs.amqp_url, job_id=job_id)
        job = hospital.jobs.wait_until_over(job_id)

    assert job.state is QrJobState.COMPLETE
    assert sorted(hospital.received()) == sorted(instances(cr))
