"""One document from several reports: totals add up once, lists have one order, nothing stated is bent."""

import itertools
from typing import Any

import pytest

from shared.database.models import StudyPart
from shared.dose_document.document import Finding
from shared.dose_document.flags import Flag
from shared.stored_study.combine import combine
from shared.stored_study.stored_report import StoredReport
from tests.helpers.importer.documents import dose_document

STUDY = {"study_instance_uid": "1.0"}


def report(uid: str, part: StudyPart = StudyPart.CT, **more: Any) -> StoredReport:
    events = more.pop("events", {})
    of_dose = more.pop("totals", {}) | more.pop("nuclear", {})
    if part is not StudyPart.NM:
        of_dose |= {"events": list(events.values()), "accumulated": more.pop("accumulated", {})}
    values: dict[str, Any] = {
        "sop_instance_uid": uid,
        "is_image": False,
        "event_keys": tuple(more.pop("keys", events)),
        "event_started_at": (),
        "object": {"sop_instance_uid": uid},
        "sr": {"start_of_irradiation": f"2026-03-14T09:0{uid[-1]}:00"},
        "dose": dose_document({part.value: of_dose}).doses[part],
        "read_keys": tuple(events),
        "object_kind": "ct_dose_sr",
        "warnings": (f"warning of {uid}",),
        "findings": (Finding(Flag.UNIT_UNKNOWN, f"finding of {uid}"),),
    }
    return StoredReport(**values | more)


def of(part: StudyPart, *reports: StoredReport) -> dict[str, Any]:
    documents = [combine(part=part, study={**STUDY}, reports=order) for order in itertools.permutations(reports)]
    assert all(document == documents[0] for document in documents)
    assert [finding.detail for finding in documents[0].outcome.findings] == [
        f"finding of {uid}" for uid in sorted(report.sop_instance_uid for report in reports)
    ]
    return documents[0].to_json()


def ct_event(dlp: float, kind: str = "Spiral Acquisition") -> dict[str, Any]:
    return {"dlp_mgy_cm": dlp, "acquisition_type": kind}


def test_one_report_is_given_as_it_is() -> None:
    totals = {"total_dlp_mgy_cm": 12.5, "events_count": 1}
    document = of(StudyPart.CT, report("1.1", totals=totals, events={"a": ct_event(12.0)}))
    assert document["ct"] == {**totals, "events": [ct_event(12.0)]}
    assert "reports" not in document
    assert document["outcome"]["warnings"] == ["warning of 1.1"]


def test_totals_of_separate_reports_add_up_and_each_report_is_told() -> None:
    document = of(
        StudyPart.CT,
        report("1.2", totals={"total_dlp_mgy_cm": 3.0, "irradiation_event_count": 1}, events={"c": ct_event(2.5)}),
        report(
            "1.1",
            totals={"total_dlp_mgy_cm": 12.5, "irradiation_event_count": 2, "count_by_type": {"spiral": 2}},
            events={"a": ct_event(7.0), "b": ct_event(5.0)},
        ),
    )
    assert document["object"] == {"sop_instance_uid": "1.1"}
    assert document["ct"]["total_dlp_mgy_cm"] == pytest.approx(15.5)
    assert document["ct"]["irradiation_event_count"] == document["ct"]["events_count"] == 3
    assert [event["dlp_mgy_cm"] for event in document["ct"]["events"]] == [7.0, 5.0, 2.5]
    assert [one["ct"]["total_dlp_mgy_cm"] for one in document["reports"]] == [12.5, 3.0]
    assert document["outcome"]["warnings"] == ["warning of 1.1", "warning of 1.2"]


def test_an_event_that_two_reports_tell_is_counted_once() -> None:
    document = of(
        StudyPart.CT,
        report(
            "1.1",
            totals={"total_dlp_mgy_cm": 12.0, "irradiation_event_count": 2, "count_by_type": {"spiral": 1, "other": 1}},
            events={"a": ct_event(7.0)},
            keys=("a", "b"),
        ),
        report(
            "1.2",
            totals={"total_dlp_mgy_cm": 8.0, "irradiation_event_count": 3, "count_by_type": {"spiral": 3}},
            events={"b": ct_event(5.0), "c": ct_event(2.0), "d": ct_event(1.0)},
        ),
    )
    assert document["ct"]["total_dlp_mgy_cm"] == pytest.approx(15.0)
    assert document["ct"]["irradiation_event_count"] == 4
    assert document["ct"]["count_by_type"]["spiral"] == 3


def test_planes_add_up_each_by_itself_and_what_cannot_be_told_apart_is_left_out() -> None:
    def angiography(uid: str, dap: float, **more: Any) -> StoredReport:
        stated = {"total_dap_gy_m2": dap, "fluoro_dap_gy_m2": dap, "fluoro_time_s": 10.0, "reference_point": "RP"}
        return report(
            uid, StudyPart.XRAY, accumulated={"a": stated}, totals={"total_dap_gy_m2": dap, "plane_count": 1}, **more
        )

    shot = {"dap_gy_m2": 1.0, "plane": "a", "event_type": "Fluoroscopy", "started_at": "2026-03-14T09:00:00"}
    later = {**shot, "started_at": "2026-03-14T09:05:00"}
    separate = of(
        StudyPart.XRAY, angiography("1.1", 4.0, events={"x": later}), angiography("1.2", 2.0, events={"y": shot})
    )["xray"]
    assert separate["accumulated"]["a"] == {
        "reference_point": "RP",
        "total_dap_gy_m2": 6.0,
        "fluoro_dap_gy_m2": 6.0,
        "fluoro_time_s": 20.0,
    }
    assert (separate["total_dap_gy_m2"], separate["plane_count"], separate["events"]) == (6.0, 1, [shot, later])

    overlapping = of(
        StudyPart.XRAY,
        angiography("1.1", 4.0, events={"x": later, "y": shot}),
        angiography("1.2", 2.0, events={"z": later}, keys=("y", "z")),
    )["xray"]
    assert overlapping["accumulated"]["a"] == {"reference_point": "RP", "total_dap_gy_m2": 5.0, "fluoro_dap_gy_m2": 5.0}
    assert overlapping["total_dap_gy_m2"] == 5.0


def test_mammography_adds_up_by_breast() -> None:
    def picture(uid: str, breast: str, agd: float) -> StoredReport:
        event = {"agd_mgy": agd, "laterality": breast, "started_at": f"2026-03-14T09:0{uid[-1]}:00"}
        return report(
            uid,
            StudyPart.MG,
            is_image=True,
            sr={},
            accumulated={breast: {"agd_mgy": agd}},
            events={uid: event},
            totals={"events_count": 1},
        )

    document = of(StudyPart.MG, picture("1.1", "left", 1.5), picture("1.2", "right", 1.0), picture("1.3", "left", 0.5))
    assert document["mg"]["accumulated"] == {"left": {"agd_mgy": 2.0}, "right": {"agd_mgy": 1.0}}
    assert document["mg"]["events_count"] == 3
    assert "sr" not in document


def test_a_report_tells_the_administration_and_images_their_series() -> None:
    def pet(uid: str, series: str, corrections: int) -> StoredReport:
        told = {"series_instance_uid": series, "corrections": ["X"] * corrections}
        nuclear = {"administrations": [{"started_at": "10:48:30"}], "pet_series": [told]}
        return report(uid, StudyPart.NM, is_image=True, nuclear=nuclear, totals={"administrations_count": 1})

    images = pet("1.1", "s1", 4), pet("1.2", "s2", 6)
    nuclear = {"administrations": [{"started_at": "10:40:30"}]}
    dose_report = report("1.3", StudyPart.NM, keys=["a"], nuclear=nuclear)
    alone, together = of(StudyPart.NM, *images)["nm"], of(StudyPart.NM, *images, dose_report)["nm"]
    assert alone["administrations"] == [{"started_at": "10:48:30"}]
    assert together["administrations"] == [{"started_at": "10:40:30"}]
    assert together["administrations_count"] == 1
    assert [one["series_instance_uid"] for one in together["pet_series"]] == ["s2", "s1"]
    assert together["pet_series_count"] == 2


def administration(uid: str = "", **more: Any) -> dict[str, Any]:
    values = {
        "radiopharmaceutical": "Fluorodeoxyglucose F^18^",
        "radiopharmaceutical_code": "C-B1031",
        "activity_mbq": 394.0,
        "half_life_s": 6586.2,
        "started_at": "2026-03-14T10:40:30",
    }
    return values | ({"event_uid": uid} if uid else {}) | more


def nuclear_warnings(*, reported: list[dict[str, Any]], told: dict[str, Any]) -> list[str]:
    keys = [str(number) for number in range(len(reported))]
    document = of(
        StudyPart.NM,
        report("1.1", StudyPart.NM, keys=keys, nuclear={"administrations": reported}, warnings=()),
        report("1.2", StudyPart.NM, is_image=True, nuclear={"administrations": [told]}, warnings=()),
        report("1.3", StudyPart.NM, is_image=True, nuclear={"administrations": [told]}, warnings=()),
    )
    assert document["nm"]["administrations"] == reported
    return list(document["outcome"]["warnings"])


def test_what_report_and_image_tell_differently_is_a_warning() -> None:
    told = administration(started_at="2026-03-14T10:48:30", activity_mbq=420.0)
    assert nuclear_warnings(reported=[administration("1.9")], told=told) == [
        "radiopharmaceutical start time differs between report and image: 2026-03-14T10:40:30 and 2026-03-14T10:48:30",
        "radiopharmaceutical activity differs between report and image: 394 MBq and 420 MBq",
    ]
    other = administration(radiopharmaceutical="Choline C^11^", radiopharmaceutical_code="C-B103B")
    (agent,) = nuclear_warnings(reported=[administration("1.9")], told=other)
    assert agent.endswith("agent differs between report and image: Fluorodeoxyglucose F^18^ and Choline C^11^")


def test_rounding_wording_and_silence_are_no_disagreement() -> None:
    told = administration(started_at="2026-03-14T10:40:00", half_life_s=6588.0, radiopharmaceutical="FDG")
    assert nuclear_warnings(reported=[administration("1.9")], told=told) == []
    assert nuclear_warnings(reported=[administration("1.9")], told={"radiopharmaceutical_text": "FDG"}) == []


def test_an_image_is_compared_with_the_administration_that_it_speaks_of() -> None:
    reported = [administration("1.8", started_at="2026-03-14T09:00:00"), administration("1.9")]
    assert nuclear_warnings(reported=reported, told=administration()) == []
    (start,) = nuclear_warnings(reported=reported, told=administration("1.8"))
    assert start.endswith("2026-03-14T09:00:00 and 2026-03-14T10:40:30")


def test_an_administration_that_two_reports_tell_is_listed_once() -> None:
    first, second, third = (administration(uid) for uid in ("1.7", "1.8", "1.9"))
    document = of(
        StudyPart.NM,
        report("1.1", StudyPart.NM, keys=["1.7", "1.8"], nuclear={"administrations": [first, second]}),
        report("1.2", StudyPart.NM, keys=["1.8", "1.9"], nuclear={"administrations": [second, third]}),
    )
    assert [one["event_uid"] for one in document["nm"]["administrations"]] == ["1.7", "1.8", "1.9"]
    assert document["nm"]["administrations_count"] == 3
