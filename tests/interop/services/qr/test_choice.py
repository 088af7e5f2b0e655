"""Jobs that choose: what comes from simulated PACSs, through store_scp and the importer, for each class and quirk."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.database.models.qr import QrJobState, QrStudy, QrStudyState
from shared.jobs.control import retrieve_job
from tests.helpers.qr.hospital import DAY, Hospital
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import PLANS, Archive
from tools.pacs.process import SimulatedPacsProcess
from tools.pacs.quirks import PROFILES, Quirks
from tools.pacs.server import SimulatedPacs

pytestmark = pytest.mark.interop

ALL = ("CT", "MG", "FL", "DX", "NM")


@pytest.fixture
def hospital(qr_jobs: QrJobs, services: Services) -> Hospital:
    return Hospital(jobs=qr_jobs, services=services)


def test_each_kind_of_study_gives_what_the_rules_say_and_a_second_run_gives_nothing(
    hospital: Hospital, tmp_path: Path
) -> None:
    expected = {
        "ct": ["3.1"], "ct-esr": ["2.1"], "ct-dose-info": ["2.1"], "mg": ["1.1", "2.1"], "cr": ["2.1"],
        "dx": ["1.1"], "fl": ["2.1"], "fl-none": [], "pet-ct": ["2.1", "3.1", "4.1"], "nm": ["1.1"], "us": [], "sr": [],
    }  # fmt: skip
    pacs = SimulatedPacsProcess(
        folder=tmp_path / "pacs",
        destinations={"DOSEWIRE": hospital.port},
        studies=len(expected),
        first_day=DAY,
        kinds=list(expected),
    )
    studies = [pacs.archive.study(number) for number in range(pacs.archive.count)]
    assert {study.kind for study in studies} == set(expected) == set(PLANS)
    wanted = [f"{study.uid}.{instance}" for study in studies for instance in expected[study.kind]]
    with pacs:
        first = hospital.jobs.wait(
            hospital.begin(pacs, *ALL, review=True), lambda job: job.state is QrJobState.REVIEW, timeout_s=60
        )
        chosen = [study for study in first.studies if study.state is QrStudyState.CHOSEN]
        assert first.state_detail.startswith(f"{len(chosen)} studies chosen, ")
        assert hospital.received() == []
        by_kind = {study.kind: next(row for row in first.studies if row.study_instance_uid == study.uid)
                   for study in studies if study.kind not in ("us", "sr")}  # fmt: skip
        assert by_kind["ct"].explanation == "CT: kept RDSR series 501; 2 image series not needed"
        assert described(by_kind["pet-ct"]) == [
            ("CT", 1, False, []),
            ("PT", 2, True, [True]),
            ("SR", 501, True, [True]),
            ("SR", 502, True, [True]),
        ]
        assert retrieve_job(sessions=hospital.jobs.sessions, amqp_url=hospital.jobs.amqp_url, job_id=first.id)

        first = hospital.jobs.wait_until_over(first.id)
        assert (first.state, first.unanswered) == (QrJobState.COMPLETE, [])
        assert sorted(hospital.received()) == sorted(wanted)
        assert pacs.counts["objects sent"] == len(wanted)

        second = hospital.jobs.wait_until_over(hospital.begin(pacs, *ALL))
        assert pacs.counts["objects sent"] == len(wanted)
        assert {study.state for study in second.studies} == {QrStudyState.SKIPPED}
        assert second.state_detail == f"0 studies retrieved, {len(second.studies)} not needed"


def described(study: QrStudy) -> list[tuple[str | None, int | None, bool, list[bool]]]:
    return [
        (one.modality, one.series_number, one.wanted, [instance.wanted for instance in one.instances])
        for one in study.series
    ]


QUIRKS_IN_WORDS = {
    "ignores-modalities-in-study": "the node does not match on Modalities in Study",
    "returns-no-modalities-in-study": "the node returns no Modalities in Study: asked for everything",
    "needs-modality-key": "the node returns no Modalities in Study: it was asked by Modality, as its settings say",
    "no-instance-number": "the node tells no Instance Number",
    "no-sop-class-uid": "the node tells no SOP Class UID",
    "empty-sr": "SR without answer at image level",
    "duplicate-answers": "the node answers more than once for a study",
    "long-station-names": "the node tells station names of more than 16 characters",
    "no-series-descriptions": "the node tells no series descriptions",
    "refuses-over-2": "the node refuses long answers",
    "cuts-off-at-2": "2 answers look cut off",
    "some-fail": "before: series 501: ",
    "drops-in-move": "dropped the association before it was done",
    "slow": "the node is slow: a query took it more than 2 seconds",
    "no-final-counters": "its final response to C-MOVE has no counts",
}


@pytest.mark.timeout(260)
def test_with_every_quirk_the_dose_report_comes_and_the_quirk_is_named(hospital: Hospital) -> None:
    quirks = {name: profile for name, profile in PROFILES.items() if name in QUIRKS_IN_WORDS}
    quirks |= {"refuses-over-2": Quirks(refuses_over=2), "cuts-off-at-2": Quirks(cuts_off_at=2)}
    quirks["slow"] = Quirks(delay_seconds=2.5)
    assert set(QUIRKS_IN_WORDS) == set(quirks)
    kinds = {"refuses-over-2": ["ct"] * 4, "cuts-off-at-2": ["ct"] * 4, "no-sop-class-uid": ["ct", "dx", "cr"]}
    archives = {
        name: Archive(count=len(kinds.get(name, "12")), first_day=DAY, kinds=kinds.get(name, ["us", "ct"]), seed=seed)
        for seed, name in enumerate(quirks, 1)
    }
    with ExitStack() as stack:
        jobs = {}
        for name, archive in archives.items():
            destinations = {"DOSEWIRE": ("127.0.0.1", hospital.port)}
            pacs = SimulatedPacs(archive=archive, quirks=quirks[name], destinations=destinations)
            settings = {
                "modality_key": name == "needs-modality-key",
                "most_matches": 2 if name == "cuts-off-at-2" else None,
            }
            jobs[name] = hospital.begin(
                stack.enter_context(pacs), "CT", "DX", node_settings=settings, empty_sr=name == "empty-sr"
            )
        over = {name: hospital.jobs.wait_until_over(job_id, timeout_s=200) for name, job_id in jobs.items()}

    received = hospital.received()
    assert len(received) == len(set(received))
    for name, archive in archives.items():
        job = over[name]
        assert job.state is QrJobState.COMPLETE, (name, job.state_detail)
        studies = [archive.study(number) for number in range(archive.count)]
        reports = {f"{study.uid}.3.1" for study in studies if study.kind == "ct"}
        assert reports <= set(received), name
        said = " ".join([job.state_detail, *(f"{study.explanation} {study.reason}" for study in job.studies)])
        assert QUIRKS_IN_WORDS[name] in said, (name, said)

    # Without SOP classes reports come first, and images only where no report turns out to be a dose report.
    ct, dx, cr = (archives["no-sop-class-uid"].study(number).uid for number in range(3))
    assert {uid for uid in received if uid.startswith((f"{ct}.", f"{dx}.", f"{cr}."))} == {
        f"{ct}.3.1", f"{dx}.2.1", f"{dx}.1.1", f"{cr}.2.1",
    }  # fmt: skip
