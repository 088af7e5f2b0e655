"""Flags on documents as extraction makes them; every rule is raised here, and stays silent on what is right."""

from typing import Any

import pytest

from services.importer.extract.plausibility.checks import LIMITS, flags_of
from shared.dose_document.document import DoseDocument, Finding
from shared.dose_document.flags import Flag
from tests.helpers.importer.documents import dose_document

STUDY = {"study_date": "2026-11-21", "patient_age": "058Y", "patient_age_years": 58.2}


def document(*, study: dict[str, Any] | None = None, findings: tuple[Finding, ...] = (), **parts: Any) -> DoseDocument:
    return dose_document({"study": STUDY if study is None else study, **parts}, findings=findings)


def names(found: list[dict[str, str]]) -> list[str]:
    return [flag["flag"] for flag in found]


def test_what_is_right_is_not_flagged() -> None:
    ct = {
        "irradiation_event_count": 2,
        "total_dlp_mgy_cm": 100.0,
        "events": [
            {"dlp_mgy_cm": 60.0, "ctdivol_mgy": 4.0, "exposure_time_s": 600, "kvp": 120},
            {"dlp_mgy_cm": 40.0, "ctdivol_mgy": 0.0, "exposure_time_s": 3.2, "kvp": 0},
        ],
    }
    assert flags_of(document(ct=ct)) == []


def with_container(path: str, container: dict[str, Any]) -> DoseDocument:
    part, *lists = path.split(".")
    for name in reversed(lists):
        container = {name: {"single": container} if name == "accumulated" else [container]}
    return dose_document({"study": STUDY} | ({"study": STUDY | container} if part == "study" else {part: container}))


@pytest.mark.parametrize("form", ["{}", "{}_values"])
@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.container}.{limit.field}.{limit.flag}")
def test_each_limit_is_kept_and_broken_by_one_value_or_one_of_several(limit: Any, form: str) -> None:
    def flags_with(value: float) -> list[str]:
        stated = value if form == "{}" else [0, value]
        return names(flags_of(with_container(limit.container, {form.format(limit.field): stated})))

    edges = [(limit.highest, 1.001), (limit.lowest, 0.999)]
    for edge, beyond in edges:
        if edge:
            assert limit.flag not in flags_with(edge)
            assert limit.flag in flags_with(edge * beyond)
        elif edge == 0:
            assert limit.flag in flags_with(-0.001)
    assert limit.flag not in flags_with(0)


def test_a_finding_says_where_it_is() -> None:
    ct = {"events": [{}, {"sources": [{"kvp": 120}, {"kvp": 120_000}]}]}
    assert flags_of(document(ct=ct)) == [
        {"flag": "tube_voltage_implausible", "detail": "event 2, source 2: kvp is 120000 kV"}
    ]
    xray = {"events": [{"kvp_values": [0, 70, 700, 800]}]}
    assert flags_of(document(xray=xray)) == [
        {"flag": "tube_voltage_implausible", "detail": "event 1: kvp_values is 700 kV"}
    ]
    assert flags_of(document(study=STUDY | {"patient_size_m": 178.0})) == [
        {"flag": "patient_implausible", "detail": "patient: patient_size_m is 178 m; perhaps in cm"}
    ]


@pytest.mark.parametrize(
    ("study", "flag"),
    [
        ({"patient_age_years": 58.2}, Flag.STUDY_DATE_MISSING),
        (STUDY | {"patient_age": "-05Y"}, Flag.AGE_NEGATIVE),
        (STUDY | {"patient_age_years": -0.5}, Flag.AGE_NEGATIVE),
        (STUDY | {"patient_age_years": 121.3}, Flag.AGE_HIGH),
    ],
)
def test_dates_and_ages(study: dict[str, Any], flag: Flag) -> None:
    assert names(flags_of(document(study=study))) == [flag]


def test_a_report_has_to_date_its_exposures_and_an_image_has_not() -> None:
    xray = {"events": [{"started_at": "2026-11-21T08:00:00"}, {"dap_gy_m2": 1e-5}]}
    (flag,) = flags_of(document(sr={}, xray=xray))
    assert flag == {"flag": "event_start_missing", "detail": "event 2 has no date and time"}
    assert flags_of(document(xray=xray)) == []


def test_of_many_findings_the_first_are_told_and_the_others_counted() -> None:
    (flag,) = flags_of(document(ct={"events": [{"exposure_time_s": 4000.0 + number} for number in range(10)]}))
    assert flag["detail"].startswith("event 1: exposure_time_s is 4000 s; perhaps in ms; event 2:")
    assert flag["detail"].endswith("; and 7 more")


def test_every_flag_says_what_it_means_and_has_a_rule() -> None:
    raised = {limit.flag for limit in LIMITS} | {
        Flag.TOTAL_DIFFERS,
        Flag.EVENT_COUNT_DIFFERS,
        Flag.STUDY_DATE_MISSING,
        Flag.EVENT_START_MISSING,
        Flag.AGE_NEGATIVE,
        Flag.AGE_HIGH,
        Flag.UNIT_UNKNOWN,
    }
    assert raised == set(Flag)
    assert all(flag.words and flag.value == str(flag) for flag in Flag)


def test_what_shows_only_while_an_object_is_read_raises_flags_as_well() -> None:
    unknown = "CT Dose [3] > DLP [2]: unit 'mGy.in' is not known for mGy.cm; kept raw"
    born = "the patient's birth date is after the study; the age is taken from Patient's Age"
    found = (Finding(Flag.UNIT_UNKNOWN, unknown), Finding(Flag.AGE_NEGATIVE, born), Finding(Flag.AGE_NEGATIVE, born))
    assert flags_of(document(findings=found)) == [
        {"flag": "age_negative", "detail": "the patient's birth date is after the study"},
        {"flag": "unit_unknown", "detail": unknown},
    ]


def test_no_flag_follows_from_the_words_of_a_warning() -> None:
    words = ["unit 'x' is not known for mGy", "the patient's birth date is after the study"]
    assert flags_of(document(outcome={"warnings": words})) == []
