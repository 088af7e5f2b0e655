"""CT dose reports from content items to the document."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from services.importer.extract import extract
from services.importer.extract.reports.ct import acquisition_kind
from tests.helpers.objects.content_items import coded, container, moment, num, part10_bytes, report, text, uid
from tests.unit.services.importer.extract.conftest import Extract

ACCUMULATED = container(
    "113811",
    "CT Accumulated Dose Data",
    num("113812", "Total Number of Irradiation Events", "2", "{events}"),
    num(
        "113813",
        "CT Dose Length Product Total",
        "250.5",
        "mGycm",
        coded("113835", "CTDIw Phantom Type", "113691", "IEC Body Dosimetry Phantom"),
    ),
)


def source(name: str, kvp: str) -> Dataset:
    return container(
        "113831",
        "CT X-Ray Source Parameters",
        text("113832", "Identification of the X-Ray Source", name),
        num("113733", "KVP", kvp, "kV"),
        num("113734", "X-Ray Tube Current", "200", "mA"),
    )


def acquisition(*items: Dataset, kind: str = "116152004", sources: tuple[Dataset, ...] = ()) -> Dataset:
    return container(
        "113819",
        "CT Acquisition",
        text("125203", "Acquisition Protocol", "Thorax"),
        coded("113820", "CT Acquisition Type", kind, "Spiral Acquisition" if kind == "116152004" else "?"),
        uid("113769", "Irradiation Event UID", "1.2.3"),
        container("113822", "CT Acquisition Parameters", num("113824", "Exposure Time", "4.5", "s"), *sources),
        *items,
    )


def ct_of(document: dict[str, Any]) -> dict[str, Any]:
    assert document["outcome"]["accepted"]
    assert document["outcome"]["object_kind"] == "ct_dose_sr"
    assert document["study"]["modality"] == "CT"
    ct: dict[str, Any] = document["ct"]
    return ct


def test_totals_are_the_reports_own(document: Extract) -> None:
    ct = ct_of(document(report(ACCUMULATED, acquisition())))
    assert ct["total_dlp_mgy_cm"] == 250.5
    assert ct["irradiation_event_count"] == 2
    assert ct["total_dlp_phantom"] == "IEC Body Dosimetry Phantom"
    assert ct["events_count"] == 1


def test_an_event_with_its_dose(document: Extract) -> None:
    dose = container(
        "113829", "CT Dose", num("113830", "Mean CTDIvol", "5.3", "mGy"), num("113838", "DLP", "251.2", "mGy.cm")
    )
    [event] = ct_of(document(report(ACCUMULATED, acquisition(dose))))["events"]
    assert event["irradiation_event_uid"] == "1.2.3"
    assert event["acquisition_protocol"] == "Thorax"
    assert (event["exposure_time_s"], event["ctdivol_mgy"], event["dlp_mgy_cm"]) == (4.5, 5.3, 251.2)


def test_an_event_with_what_later_editions_added(document: Extract) -> None:
    items = (
        text("113605", "Irradiation Event Label", "3"),
        moment("111526", "DateTime Started", "20260314091530"),
        coded("113961", "Reconstruction Algorithm", "113963", "Iterative Reconstruction"),
        coded("128551", "Is Repeated Acquisition", "373067005", "No"),
    )
    [event] = ct_of(document(report(acquisition(*items))))["events"]
    assert (event["event_label"], event["started_at"]) == ("3", "2026-03-14T09:15:30")
    assert (event["reconstruction_algorithm"], event["is_repeated"]) == ("Iterative Reconstruction", False)


@pytest.mark.parametrize(
    ("code", "unit", "dlp"),
    [("mGy.cm", "mGy.cm", 250.5), ("UCM", "mGycm", 250.5), ("mGy-cm", None, 250.5), ("1", "mGy.cm", 250.5)],
)
def test_the_unit_is_known_by_code_or_by_meaning(document: Extract, code: str, unit: str | None, dlp: float) -> None:
    item = num("113838", "DLP", "250.5", code)
    if unit is not None:
        item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeMeaning = unit
    [event] = ct_of(document(report(acquisition(item))))["events"]
    assert event["dlp_mgy_cm"] == dlp


@pytest.mark.parametrize("written", ["10.50/ 15.00", "12,5", "n/a"])
def test_what_is_no_number_costs_that_number(document: Extract, written: str) -> None:
    item = num("113838", "DLP", "1", "mGy.cm")
    del item.MeasuredValueSequence[0].NumericValue
    item.MeasuredValueSequence[0].add_new("NumericValue", "LO", written)
    found = document(report(acquisition(item, num("113830", "Mean CTDIvol", "5.3", "mGy"))))
    [event] = ct_of(found)["events"]
    assert event["ctdivol_mgy"] == 5.3
    assert "dlp_mgy_cm" not in event
    assert event["raw"]["dlp_mgy_cm"] == {"value": written, "unit": "mGy.cm"}
    assert f"not a number: {written!r}; kept raw" in found["outcome"]["warnings"][0]


def test_an_event_without_dose_is_counted(document: Extract) -> None:
    ct = ct_of(document(report(ACCUMULATED, acquisition())))
    assert ct["events_count"] == 1
    assert "ctdivol_mgy" not in ct["events"][0]


def test_one_source_speaks_for_the_event_and_two_do_not(document: Extract) -> None:
    one = ct_of(document(report(acquisition(sources=(source("A", "120"),)))))["events"][0]
    assert one["sources"] == [{"id": "A", "kvp": 120, "tube_current_ma": 200}]
    assert (one["kvp"], one["tube_current_ma"]) == (120, 200)
    two = ct_of(document(report(acquisition(sources=(source("A", "80"), source("B", "140"))))))["events"][0]
    assert [each["kvp"] for each in two["sources"]] == [80, 140]
    assert "kvp" not in two


def test_tube_voltage_beside_the_container_of_its_source_is_the_events(document: Extract) -> None:
    [event] = ct_of(document(report(acquisition(sources=(num("113733", "KVP", "120", "kV"),)))))["events"]
    assert event["kvp"] == 120
    assert "sources" not in event


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"acquisition_type_code": "P5-08001"}, "spiral"),
        ({"acquisition_type_code": "C0860888"}, "spiral"),
        ({"acquisition_type": "Sequenced Acquisition"}, "sequenced"),
        ({"acquisition_type_code": "113806", "acquisition_type": "?"}, "stationary"),
        ({"acquisition_type_code": "113805"}, "constant_angle"),
        ({"acquisition_type_code": "113807", "acquisition_type": "Free Acquisition"}, "other"),
        ({}, "other"),
    ],
)
def test_kinds_of_acquisition(event: dict[str, str], kind: str) -> None:
    assert acquisition_kind(event) == kind


def test_events_are_counted_by_kind(document: Extract) -> None:
    ct = ct_of(document(report(acquisition(), acquisition(kind="113806"), acquisition(kind="99"))))
    assert ct["count_by_type"] == {"spiral": 1, "sequenced": 0, "stationary": 1, "constant_angle": 0, "other": 1}


def test_modulation_from_a_siemens_comment_is_derived(document: Extract) -> None:
    comment = text("121106", "Comment", "Organ = Chest, X-ray Modulation Type = XYZ_EC")
    [event] = ct_of(document(report(acquisition(comment))))["events"]
    assert event["modulation_type"] == "XYZ_EC"
    assert event["derived"] == ["modulation_type"]


def test_dose_check_has_alert_and_notification(document: Extract) -> None:
    alert = container(
        "113900",
        "Dose Check Alert Details",
        coded("113901", "DLP Alert Value Configured", "R-0038D", "Yes"),
        coded("113902", "CTDIvol Alert Value Configured", "R-00339", "No"),
        num("113903", "DLP Alert Value", "100", "mGy.cm"),
    )
    notification = container(
        "113908",
        "Dose Check Notification Details",
        coded("113909", "DLP Notification Value Configured", "373067005", "No"),
    )
    [event] = ct_of(document(report(acquisition(container("113829", "CT Dose", alert, notification)))))["events"]
    assert event["dose_check"] == {
        "alert": {"dlp_configured": True, "ctdivol_configured": False, "dlp_value_mgy_cm": 100},
        "notification": {"dlp_configured": False},
    }


def test_a_person_whose_role_stands_beside_him(document: Extract) -> None:
    person = text("113870", "Person Name", "Doe^Jo")
    person.ValueType = "PERSON NAME"
    role = coded("113875", "Person Role in Procedure", "113850", "Irradiation Authorizing")
    alert = container("113900", "Dose Check Alert Details", person, role)
    [event] = ct_of(document(report(acquisition(container("113829", "CT Dose", alert)))))["events"]
    assert event["dose_check"]["alert"] == {"person_name": "Doe^Jo", "person_role": "Irradiation Authorizing"}


def test_a_region_may_have_a_meaning_only_and_a_protocol_nothing(document: Extract) -> None:
    region = coded("123014", "Target Region", "", "Head")
    del region.ConceptCodeSequence[0].CodeValue
    protocol = text("125203", "Acquisition Protocol", "")
    event = container("113819", "CT Acquisition", region, protocol)
    assert ct_of(document(report(event)))["events"] == [{"region": "Head"}]


def test_an_exposure_of_hours_is_flagged_and_left_as_it_is(document: Extract) -> None:
    long = container("113819", "CT Acquisition", num("113824", "Exposure Time", "11912", "s"))
    found = document(report(long))
    assert found["ct"]["events"][0]["exposure_time_s"] == 11912
    assert found["outcome"]["flags"] == [
        {"flag": "exposure_time_long", "detail": "event 1: exposure_time_s is 11912 s; perhaps in ms"}
    ]


def test_template_and_content_template_are_not_asked(document: Extract) -> None:
    template = Dataset()
    template.TemplateIdentifier = "10001"
    dataset = report(ACCUMULATED, ContentTemplateSequence=[template])
    found = document(dataset)
    assert found["object"]["template_id"] == "10001"
    ct_of(found)


def test_a_report_without_dose_is_refused_with_a_reason(document: Extract) -> None:
    found = document(report(text("121106", "Comment", "nothing happened"), Manufacturer="ACME"))
    assert found["outcome"] == {
        "accepted": False,
        "refusal_reason": "dose report without dose data of CT, projection X-ray or a radiopharmaceutical",
        "warnings": [],
    }
    assert found["study"]["manufacturer"] == "ACME"


def test_five_thousand_events_are_read(tmp_path: Path) -> None:
    data = part10_bytes(report(acquisition(sources=(source("A", "120"),))), undefined_lengths=True)
    begin = data.index(b"\x40\0\x30\xa7SQ\0\0\xff\xff\xff\xff") + 12
    event, end_of_sequence = data[begin:-8], data[-8:]
    path = tmp_path / "object.dcm"
    path.write_bytes(data[:begin] + event * 5000 + end_of_sequence)
    assert ct_of(extract(path).to_json())["events_count"] == 5000


def test_an_enhanced_report_of_ct_is_read_as_ct(document: Extract) -> None:
    procedure = coded("121058", "Procedure reported", "77477000", "Computed Tomography X-Ray")
    event = container("130501", "Irradiation Event Summary Data", num("113830", "Mean CTDIvol", "5", "mGy"))
    ct = ct_of(document(report(procedure, event, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.76")))
    assert ct["events"][0]["ctdivol_mgy"] == 5
