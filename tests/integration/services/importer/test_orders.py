"""Several objects of one study: every order, and any number of importers at once, give the same rows."""

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import text

from shared.broker.consumer import Delivery
from tests.helpers.importer.in_process import Workbench
from tools.dose_objects import Patient, Study, ct_report, fluoroscopy_report
from tools.dose_objects.images import (
    MAMMOGRAM_FOR_PROCESSING,
    PROJECTION,
    mammogram,
    pet_image,
    radiograph,
    radiopharmaceutical_report,
)

pytestmark = pytest.mark.integration

STUDY = Study(seed=100)


PHANTOM = Patient(name="QA^Daily", id="4711")


def part_report(number: int, *events: int, kind: str = "CT", patient: Patient = STUDY.patient) -> Dataset:
    """Return a report of the study with these of its events."""
    uids = tuple(STUDY.event_uid(kind, event) for event in events)
    study = replace(STUDY, sop_instance_uid=STUDY.uid("instance", number), event_uids=uids, patient=patient)
    return (ct_report if kind == "CT" else fluoroscopy_report)(study=study, events=len(events))


FAMILIES = {
    "cumulative": [part_report(1, 0), part_report(2, 0, 1), part_report(3, 0, 1, 2)],
    "continued": [part_report(1, 0, 1), part_report(2, 2, 3), part_report(3, 4)],
    "overlapping": [part_report(1, 0, 1), part_report(2, 1, 2, 3), part_report(3, 3, 4)],
    "the same events": [part_report(1, 0, 1), part_report(2, 0, 1), part_report(3)],
    "mixed": [part_report(1, 0, 1), part_report(2, 1, 2), part_report(3, 0, 1, 2), part_report(4, 5)],
    "fluoroscopy": [part_report(1, 0, 1, kind="RF"), part_report(2, 1, 2, kind="RF"), part_report(3, 3, kind="RF")],
    "partly of a phantom": [part_report(1, 0, patient=PHANTOM), part_report(2, 1, 2), part_report(3, 3)],
    "mammograms": [
        mammogram(STUDY, 1, second=1),
        mammogram(STUDY, 2, second=1, sop_class_uid=MAMMOGRAM_FOR_PROCESSING),
        mammogram(STUDY, 3, second=1, side="R"),
    ],
    "tomosynthesis": [
        mammogram(STUDY, 1, second=1),
        mammogram(STUDY, 2, second=1, sop_class_uid=PROJECTION),
        mammogram(STUDY, 3, second=1, sop_class_uid=PROJECTION),
    ],
    "report and images": [
        part_report(1, 0, 1, kind="RF"),
        radiograph(STUDY, 2, event_uid=STUDY.event_uid("RF", 0), at=STUDY.started_at),
        radiograph(STUDY, 3, event_uid=STUDY.event_uid("RF", 7), at=STUDY.started_at),
    ],
    "PET": [
        radiopharmaceutical_report(STUDY, 1, 0, 1),
        radiopharmaceutical_report(STUDY, 2, 1, 2, 3),
        pet_image(STUDY, 3, series="A"),
    ],
    "two parts": [part_report(1, 0), part_report(2, 0, 1), part_report(3, 5, 6, kind="RF")],
}


def forget_studies(workbench: Workbench) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(text("TRUNCATE study, equipment, received_object CASCADE"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_order_gives_the_same_rows(workbench: Workbench, family: str) -> None:
    expected = None
    for order in itertools.permutations(FAMILIES[family]):
        workbench.send(*order)
        found = workbench.snapshot()
        expected = expected or found
        assert found == expected
        forget_studies(workbench)


@pytest.mark.parametrize("family", FAMILIES)
def test_four_importers_at_once_give_the_same_rows_as_one(workbench: Workbench, family: str) -> None:
    workbench.send(*FAMILIES[family])
    expected = workbench.snapshot()
    chance = random.Random(family)
    for _ in range(3):
        forget_studies(workbench)
        race(workbench, FAMILIES[family], chance)
        assert workbench.snapshot() == expected


def race(workbench: Workbench, reports: list[Dataset], chance: random.Random) -> None:
    """Give the reports, each of them twice, in batches to four importers at the same moment."""
    messages = [workbench.put(report) for report in [*reports, *reports]]
    chance.shuffle(messages)
    batches = [messages[start::4] for start in range(4)]
    # The same message may be in two hands: a sweep publishes again what seems forgotten.
    batches[0] = [*batches[0], batches[1][0]]
    together = threading.Barrier(4)

    def work(batch: list[Any]) -> list[Exception | None]:
        importer = workbench.new_importer()
        together.wait()
        return importer([Delivery(message, 0) for message in batch])

    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for answers in pool.map(work, batches) for outcome in answers]
    assert outcomes == [None] * len(outcomes)
    assert all(workbench.spool.find(message.trace_id) is not None for message in messages)
    assert list(workbench.spool.incoming.iterdir()) == []


def test_reports_that_overlap_do_not_count_an_event_twice(workbench: Workbench) -> None:
    reports = FAMILIES["overlapping"]
    workbench.send(*reports)
    (study,) = workbench.studies()
    ct = study.document.to_json()["ct"]
    assert ct["events_count"] == ct["irradiation_event_count"] == 5
    stated = [one["ct"]["total_dlp_mgy_cm"] for one in study.document.to_json()["reports"]]
    assert len(stated) == 3
    assert ct["total_dlp_mgy_cm"] < sum(stated)


def test_a_study_of_several_reports_keeps_what_each_of_them_states(workbench: Workbench) -> None:
    reports = FAMILIES["continued"]
    workbench.send(*reports)
    (study,) = workbench.studies()
    stated = {
        one["object"]["sop_instance_uid"]: one["ct"]["total_dlp_mgy_cm"] for one in study.document.to_json()["reports"]
    }
    assert set(stated) == {report.SOPInstanceUID for report in reports}
    assert study.document.to_json()["ct"]["total_dlp_mgy_cm"] == pytest.approx(sum(stated.values()))
    assert study.document.to_json()["ct"]["events_count"] == 5
    assert sum(study.document.to_json()["ct"]["count_by_type"].values()) == 5


def test_a_study_with_exposures_of_a_phantom_is_no_patients(workbench: Workbench) -> None:
    workbench.send(*FAMILIES["partly of a phantom"])
    (study,) = workbench.studies()
    assert study.document.to_json()["study"].get("patient_id") is None
    assert study.document.to_json()["outcome"]["not_patient"]["text"] == "Names: *qa*"


def test_a_name_that_was_corrected_brings_the_study_back(workbench: Workbench) -> None:
    workbench.send(part_report(1, 0, patient=PHANTOM))
    assert "not_patient" in workbench.studies()[0].document.to_json()["outcome"]
    workbench.send(part_report(2, 0, 1))
    (study,) = workbench.studies()
    assert "not_patient" not in study.document.to_json()["outcome"]


def only_study(workbench: Workbench, family: str) -> dict[str, Any]:
    workbench.send(*FAMILIES[family])
    (study,) = workbench.studies()
    return study.document.to_json()


def test_images_of_one_exposure_count_once_and_other_exposures_of_that_second_too(workbench: Workbench) -> None:
    mg = only_study(workbench, "mammograms")["mg"]
    assert sorted(event["laterality"] for event in mg["events"]) == ["Left", "Right"]
    assert mg["accumulated"]["left"]["agd_mgy"] == pytest.approx(1.25)
    assert mg["accumulated"]["right"]["agd_mgy"] == pytest.approx(1.25)


def test_each_projection_of_a_tomosynthesis_counts(workbench: Workbench) -> None:
    assert only_study(workbench, "tomosynthesis")["mg"]["events_count"] == 3


def test_a_report_goes_before_an_image_of_the_same_event_and_other_images_add_theirs(workbench: Workbench) -> None:
    xray = only_study(workbench, "report and images")["xray"]
    uids = [event["irradiation_event_uid"] for event in xray["events"]]
    assert sorted(uids) == sorted(STUDY.event_uid("RF", number) for number in (0, 1, 7))


def test_administrations_and_series_count_once(workbench: Workbench) -> None:
    document = only_study(workbench, "PET")
    told = [one["event_uid"] for one in document["nm"]["administrations"]]
    assert sorted(told) == sorted(STUDY.uid("administration", index) for index in range(4))
    assert document["nm"]["administrations_count"] == 4
    assert [one["series_instance_uid"] for one in document["nm"]["pet_series"]] == [STUDY.uid("series", "A")]
    (warning,) = document["outcome"]["warnings"]
    assert warning.startswith("radiopharmaceutical start time differs between report and image")
