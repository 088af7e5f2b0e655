"""Importing objects: rows that read back as the document, files in their place, outcomes that say why."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID
from sqlalchemy import text

from services.importer.handling.handler import Importer
from shared.database.engine import make_engine
from shared.database.models import Disposition, Handling
from shared.errors import ObjectMissing, Retriable, Unavailable, UnreadableObject
from shared.messages import ImportObject
from tests.helpers.importer.in_process import Workbench, expected_documents
from tools.dose_objects import Study, content, ct_report, fluoroscopy_report, radiography_report, write
from tools.stack.ports import free_port

pytestmark = pytest.mark.integration

GENERATED = {
    "ct": ct_report(study=Study(seed=1), events=8),
    "ct without dose check": ct_report(study=Study(seed=2), dose_check=False),
    "ct without events": ct_report(study=Study(seed=3), events=0),
    "fluoroscopy": fluoroscopy_report(study=Study(seed=4), events=9),
    "biplane": fluoroscopy_report(study=Study(seed=5), events=7, biplane=True),
    "radiography": radiography_report(study=Study(seed=6)),
}


@pytest.mark.parametrize("name", GENERATED)
def test_a_stored_study_reads_back_as_its_extract(workbench: Workbench, name: str, tmp_path: Path) -> None:
    path = write(GENERATED[name], tmp_path / "report.dcm")
    (message,) = workbench.send(path)
    assert workbench.outcome(message) == ("imported", "stored")
    (study,) = workbench.studies()
    assert [(study.part.value, study.document.to_json())] == list(expected_documents(path))
    assert study.document.to_json()["study"].keys().isdisjoint({"patient_name", "patient_id", "patient_birth_date"})
    assert study.processed_sop_instance_uids == (study.document.to_json()["object"]["sop_instance_uid"],)


def test_both_parts_of_a_report_have_the_flags_that_its_extract_has(workbench: Workbench, tmp_path: Path) -> None:
    dataset = ct_report(study=Study(seed=7))
    activity = content.num(content.dcm("113507", "Administered activity"), 394_000, "MBq")
    dataset.ContentSequence.append(
        content.container(content.dcm("113502", "Radiopharmaceutical Administration"), [activity])
    )
    broken = next(item for item in _items(dataset) if _concept(item) == "CT Dose Length Product Total")
    broken.MeasuredValueSequence[0].NumericValue = "1.5"
    path = write(dataset, tmp_path / "report.dcm")
    workbench.send(path)
    stored = [(study.part.value, study.document.to_json()) for study in workbench.studies()]
    assert stored == list(expected_documents(path))
    assert [part for part, _ in stored] == ["ct", "nm"]
    for _, document in stored:
        assert [flag["flag"] for flag in document["outcome"]["flags"]] == ["total_differs", "activity_high"]
    with workbench.engine.connect() as connection:
        flags = connection.execute(text("SELECT flags FROM study")).scalars().all()
    assert flags == [document["outcome"]["flags"] for _, document in stored]


def test_totals_stand_in_the_study_for_lists(workbench: Workbench) -> None:
    workbench.send(GENERATED["ct"], GENERATED["biplane"])
    by_part = {study.part.value: study.document.to_json() for study in workbench.studies()}
    with workbench.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT part, events_count, total_dlp_mgy_cm, total_dap_gy_m2, total_rp_dose_gy FROM study ORDER BY 1")
        ).all()
    ct, xray = by_part["ct"]["ct"], by_part["xray"]["xray"]
    assert [tuple(row) for row in rows] == [
        ("ct", 8, ct["total_dlp_mgy_cm"], None, None),
        ("xray", 7, None, xray["total_dap_gy_m2"], xray["total_rp_dose_gy"]),
    ]


def test_the_row_of_the_reception_tells_its_life(workbench: Workbench) -> None:
    (message,) = workbench.send(GENERATED["ct"])
    row = workbench.row(message)
    dataset = GENERATED["ct"]
    assert row["sop_instance_uid"] == dataset.SOPInstanceUID
    assert row["study_instance_uid"] == dataset.StudyInstanceUID
    assert (row["modality"], row["object_kind"], row["attempts"]) == ("SR", "ct_dose_sr", 1)
    assert (row["store_node"], row["peer_address"], row["source"]) == ("Test", "::1", "c_store")
    assert row["duration_ms"] >= 0
    assert row["finished_at"] >= row["received_at"]


def test_a_second_reception_of_an_object_adds_nothing(workbench: Workbench) -> None:
    workbench.send(GENERATED["ct"])
    before = workbench.snapshot()
    (again,) = workbench.send(GENERATED["ct"])
    assert workbench.outcome(again) == ("duplicate", "ignored_duplicate_sop_instance")
    assert workbench.snapshot() == before


def test_a_second_delivery_of_a_message_changes_nothing(workbench: Workbench) -> None:
    (message,) = workbench.send(GENERATED["ct"])
    before, row = workbench.snapshot(), workbench.row(message)
    assert workbench.handle(message) == [None]
    assert workbench.handle(message, message) == [None, None]
    assert workbench.row(message) == row
    assert workbench.snapshot() == before


def test_an_object_without_dose_is_refused_and_filed(workbench: Workbench) -> None:
    dataset = ct_report(study=Study(seed=9))
    dataset.ConceptNameCodeSequence[0].CodeValue = "18748-4"
    (message,) = workbench.send(dataset)
    row = workbench.row(message)
    assert row["state"].value == "refused"
    assert "not a radiation dose report" in row["reason"]
    assert workbench.count("study") == 0
    assert workbench.count("equipment") == 0
    assert filed(workbench, message) == "dicom_in"


def test_a_report_with_one_broken_item_is_imported_with_a_warning(workbench: Workbench) -> None:
    dataset = ct_report(study=Study(seed=10), events=3)
    broken = next(item for item in _items(dataset) if _concept(item) == "DLP")
    broken.MeasuredValueSequence[0].NumericValue = ""
    broken.MeasuredValueSequence[0]["NumericValue"]._value = "10.50/ 15.00"
    (message,) = workbench.send(dataset)
    assert workbench.outcome(message) == ("imported", "stored")
    (study,) = workbench.studies()
    assert len(study.document.to_json()["ct"]["events"]) == 3
    assert any("DLP" in warning for warning in study.document.to_json()["outcome"]["warnings"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"this is no DICOM object, only text that is long enough to be looked at" * 4, "not a DICOM file"),
        (b"", "empty"),
    ],
    ids=["text", "empty"],
)
def test_what_is_no_dicom_object_goes_to_quarantine(workbench: Workbench, content: bytes, reason: str) -> None:
    message = workbench.put(content)
    (error,) = workbench.handle(message)
    assert isinstance(error, UnreadableObject)
    row = workbench.row(message)
    assert row["state"].value == "failed"
    assert reason in row["reason"]
    assert filed(workbench, message) == "quarantine"
    note = (workbench.spool.quarantined / f"{message.trace_id}.json").read_text()
    assert reason in note


def test_a_truncated_report_is_not_taken_for_a_whole_one(workbench: Workbench, tmp_path: Path) -> None:
    whole = write(GENERATED["fluoroscopy"], tmp_path / "whole.dcm").read_bytes()
    message = workbench.put(whole[: len(whole) // 2])
    (error,) = workbench.handle(message)
    row = workbench.row(message)
    if error is None:
        (study,) = workbench.studies()
        assert study.document.to_json()["outcome"]["warnings"]
    else:
        assert (row["state"].value, filed(workbench, message)) == ("failed", "quarantine")


@pytest.mark.parametrize("missing", ["StudyInstanceUID", "SOPInstanceUID"])
def test_an_object_that_cannot_be_told_from_others_fails(workbench: Workbench, missing: str, tmp_path: Path) -> None:
    blank = _without(write(ct_report(study=Study(seed=11)), tmp_path / "report.dcm"), missing, tmp_path)
    (error,) = workbench.handle(workbench.put(blank))
    assert isinstance(error, UnreadableObject)
    assert "UID" in str(error)


def test_an_object_whose_file_is_gone_fails_without_quarantine(workbench: Workbench) -> None:
    message = workbench.put(GENERATED["ct"])
    workbench.spool.delete(message.trace_id)
    (error,) = workbench.handle(message)
    assert isinstance(error, ObjectMissing)
    assert workbench.row(message)["state"].value == "failed"
    assert list(workbench.spool.quarantined.iterdir()) == []


def test_bad_objects_do_not_harm_their_neighbours(workbench: Workbench) -> None:
    good = [ct_report(study=Study(seed=20 + number)) for number in range(4)]
    unlikely = ct_report(study=Study(seed=30))
    unlikely.StudyID = "NUL\0and\x1b"
    batch = [
        workbench.put(good[0]),
        workbench.put(b"no DICOM" * 40),
        workbench.put(good[1]),
        workbench.put(good[2]),
        workbench.put(unlikely),
        workbench.put(good[3]),
    ]
    outcomes = workbench.handle(*batch)
    assert [type(outcome) for outcome in outcomes] == [type(None), UnreadableObject, *[type(None)] * 4]
    assert workbench.count("study") == 5


def test_an_error_of_the_database_rolls_back_that_object_alone(workbench: Workbench) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE study ADD CONSTRAINT test_only CHECK (accession_number IS DISTINCT FROM 'DW00000041')")
        )
    messages = [workbench.put(ct_report(study=Study(seed=seed))) for seed in (40, 41, 42)]
    outcomes = workbench.handle(*messages)
    assert [outcome is None for outcome in outcomes] == [True, False, True]
    assert [workbench.row(message)["state"].value for message in messages] == ["imported", "retrying", "imported"]
    assert [filed(workbench, message) for message in messages] == ["dicom_in", "incoming", "dicom_in"]
    assert workbench.count("study") == 2
    with workbench.engine.begin() as connection:
        connection.execute(text("ALTER TABLE study DROP CONSTRAINT test_only"))
    assert workbench.handle(messages[1], attempt=1) == [None]
    row = workbench.row(messages[1])
    assert (row["state"].value, row["reason"], row["attempts"]) == ("imported", None, 2)


def test_an_object_that_costs_the_connection_costs_its_neighbours_nothing(workbench: Workbench) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(
            text(
                """CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"""
            )
        )
        connection.execute(
            text(
                """CREATE TRIGGER test_only BEFORE INSERT ON study FOR EACH ROW
                WHEN (NEW.accession_number = 'DW00000071') EXECUTE FUNCTION hang_up()"""
            )
        )
    messages = [workbench.put(ct_report(study=Study(seed=seed))) for seed in (70, 71, 72)]
    first, second, third = workbench.handle(*messages)
    assert (first, third) == (None, None)
    assert type(second) is Retriable
    assert [filed(workbench, message) for message in messages] == ["dicom_in", "incoming", "dicom_in"]
    assert workbench.count("study") == 2
    row = workbench.row(messages[1])
    assert (row["state"].value, row["attempts"]) == ("retrying", 1)
    assert "not to this object" in row["reason"]
    workbench.handle(messages[1], attempt=7)
    assert (workbench.row(messages[1])["state"].value, filed(workbench, messages[1])) == ("failed", "quarantine")


@pytest.mark.parametrize("table", ["report", "deletion_policy", "irradiation_event"])
def test_tables_of_another_version_are_no_objects_fault(workbench: Workbench, table: str) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO of_another_version"))
    message = workbench.put(GENERATED["ct"])
    try:
        (error,) = workbench.handle(message, attempt=7)
    except Unavailable as of_the_batch:
        error = of_the_batch
    assert isinstance(error, Unavailable)
    assert "migration" in str(error)
    assert filed(workbench, message) == "incoming"
    assert workbench.count("received_object") == 0


def test_a_database_that_is_away_fails_the_batch_and_touches_no_file(workbench: Workbench) -> None:
    nobody = make_engine(database_url=f"postgresql+psycopg2://nobody@127.0.0.1:{free_port()}/none", name="test")
    workbench.importer = Importer(engine=nobody, spool=workbench.spool, health=workbench.health)
    messages = [workbench.put(ct_report(study=Study(seed=seed))) for seed in (73, 74)]
    with pytest.raises(Unavailable, match="PostgreSQL is away"):
        workbench.handle(*messages)
    assert [filed(workbench, message) for message in messages] == ["incoming", "incoming"]


def test_an_object_fails_when_its_attempts_are_used_up(workbench: Workbench) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(text("ALTER TABLE study ADD CONSTRAINT test_only CHECK (study_date IS NULL)"))
    message = workbench.put(GENERATED["ct"])
    for attempt in range(7):
        workbench.handle(message, attempt=attempt)
        assert (workbench.row(message)["state"].value, filed(workbench, message)) == ("retrying", "incoming")
    workbench.handle(message, attempt=7)
    assert (workbench.row(message)["state"].value, filed(workbench, message)) == ("failed", "quarantine")


def test_an_object_is_replayed_from_quarantine(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    message = workbench.put(GENERATED["ct"])
    with monkeypatch.context() as patched:
        patched.setattr(
            "services.importer.reading.read.extract",
            lambda _path: (_ for _ in ()).throw(UnreadableObject("a bug of then")),
        )
        workbench.handle(message)
    assert filed(workbench, message) == "quarantine"
    assert workbench.handle(message) == [None]
    assert workbench.outcome(message) == ("imported", "stored")
    assert filed(workbench, message) == "dicom_in"
    assert list(workbench.spool.quarantined.iterdir()) == []


def test_files_are_deleted_where_the_policy_says_so(workbench: Workbench) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO deletion_policy VALUES ('ct_dose_sr', :delete), ('refused', :delete)"),
            {"delete": Disposition.DELETE.value},
        )
    no_dose = ct_report(study=Study(seed=51))
    no_dose.ConceptNameCodeSequence[0].CodeValue = "18748-4"
    sent = workbench.send(
        ct_report(study=Study(seed=50)), no_dose, GENERATED["radiography"], ct_report(study=Study(seed=50))
    )
    assert [filed(workbench, message) for message in sent] == [None, None, "dicom_in", None]


def test_the_privacy_policy_selects_what_is_stored(workbench: Workbench) -> None:
    workbench.set_privacy_policy(
        patient_name=Handling.STORE,
        patient_id=Handling.HASH,
        patient_birth_date=Handling.STORE,
        accession_number=Handling.DROP,
    )
    workbench.importer = Importer(
        engine=workbench.engine, spool=workbench.spool, health=workbench.health, privacy_hash_key=b"key"
    )
    workbench.send(GENERATED["ct"])
    (study,) = workbench.studies()
    patient = study.document.to_json()["study"]
    assert patient["patient_name"] == "Muster^Erika"
    assert patient["patient_birth_date"] == date(1967, 4, 12).isoformat()
    assert len(patient["patient_id"]) == 64
    assert "accession_number" not in patient


def test_equipment_is_one_row_for_each_identity(workbench: Workbench) -> None:
    upgraded = ct_report(study=Study(seed=61))
    upgraded.SoftwareVersions = "VA11A"
    workbench.send(ct_report(study=Study(seed=60)), upgraded, ct_report(study=Study(seed=62)))
    assert workbench.count("equipment") == 2


def filed(workbench: Workbench, message: ImportObject) -> str | None:
    """Return the folder of the spool in which an object lies."""
    path = workbench.spool.find(message.trace_id)
    return path.relative_to(workbench.spool.root).parts[0] if path else None


def _items(item: Dataset) -> list[Dataset]:
    children = item.get("ContentSequence", [])
    return [*children, *(below for child in children for below in _items(child))]


def _concept(item: Dataset) -> Any:
    return item.ConceptNameCodeSequence[0].CodeMeaning


def _without(path: Path, keyword: str, folder: Path) -> Path:
    """Return a copy of a file without an element, and without the file meta information that repeats it."""
    dataset = dcmread(path)
    delattr(dataset, keyword)
    if keyword == "SOPInstanceUID":
        dataset.file_meta.MediaStorageSOPInstanceUID = UID("")
    target = folder / "without.dcm"
    dataset.save_as(target)
    return target
