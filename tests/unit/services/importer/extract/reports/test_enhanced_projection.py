"""Enhanced X-ray dose reports (TID 10040) from content items to the document."""

import pytest
from pydicom.dataset import Dataset

from services.importer.extract.reports import irradiation_details
from tests.helpers.objects.content_items import coded, container, moment, num, report, text, uid
from tests.helpers.objects.projection_items import PROCEDURE, totals, xray_of
from tests.unit.services.importer.extract.conftest import Extract


def enhanced(source: str, dap: str) -> tuple[Dataset, Dataset]:
    identification = text("113832", "Identification of the X-Ray Source", source)
    return (
        container("130500", "Accumulated Dose Data", identification, *totals(dap)),
        container(
            "130501",
            "Irradiation Event Summary Data",
            uid("113769", "Irradiation Event UID", f"1.2.{ord(source)}"),
            moment("111526", "DateTime Started", "20260314091530"),
            moment("111527", "DateTime Ended", "20260314091540"),
            identification,
            num("113738", "Dose (RP)", "0.002", "Gy"),
        ),
    )


def test_an_enhanced_report_is_read_as_far_as_its_content_maps(document: Extract) -> None:
    items = (PROCEDURE, *enhanced("A", "1e-5"), *enhanced("B", "2e-5"))
    found = document(report(*items, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.76"))
    xray = xray_of(found)
    assert xray["plane_count"] == 2
    assert xray["total_dap_gy_m2"] == pytest.approx(3e-5)
    assert [event["plane"] for event in xray["events"]] == ["a", "b"]
    assert xray["events"][0]["rp_dose_gy"] == 0.002


def enhanced_report(*details: Dataset) -> Dataset:
    whole = moment("111526", "DateTime Started", "20260314091500"), moment("111527", "DateTime Ended", "20260314092000")
    return report(
        PROCEDURE,
        *enhanced("A", "1e-5"),
        *enhanced("B", "2e-5"),
        container("130505", "Irradiation Details", *whole, *details),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.88.76",
    )


def period(code: str, meaning: str, source: str, start: str, end: str, *items: Dataset) -> Dataset:
    return container(
        code,
        meaning,
        text("113832", "Identification of the X-Ray Source", source),
        moment("111526", "DateTime Started", f"20260314{start}"),
        moment("111527", "DateTime Ended", f"20260314{end}"),
        *items,
    )


def technique(source: str, start: str, end: str, kvp: str) -> Dataset:
    items = num("113733", "KVP", kvp, "kV"), num("113766", "Focal Spot Size", "0.6", "mm")
    return period("130511", "Radiation Technique", source, start, end, *items)


def test_irradiation_details_are_told_of_the_events_in_whose_time_they_hold(document: Extract) -> None:
    copper = container(
        "130531",
        "Attenuator Characteristics",
        coded("113757", "X-Ray Filter Material", "C-127F9", "Copper or Copper compound"),
        num("130509", "X-Ray Filter Thickness", "0.3", "mm"),
    )
    found = document(
        enhanced_report(
            technique("A", "091500", "091530", "60"),
            technique("A", "091530", "091535", "70"),
            technique("A", "091535", "091600", "80"),
            technique("B", "091500", "091600", "90"),
            period("130512", "Filtration", "A", "091500", "091600", copper),
            period("130513", "Attenuators", "A", "091500", "091600", copper),
        )
    )
    first, second = xray_of(found)["events"]
    assert (first["kvp_values"], first["kvp_mean"]) == ([70, 80], 75)
    assert second["kvp"] == 90
    assert first["focal_spot_mm"] == 0.6
    assert first["filters"][0]["material"] == "Copper or Copper compound"
    assert first["filters"][0]["thickness_mean_mm"] == 0.3
    assert len(first["filters"]) == 1
    assert "filters" not in second
    assert {"kvp_values", "kvp_mean", "focal_spot_mm", "filters"} <= set(first["derived"])
    assert found["outcome"]["warnings"] == []


def test_events_meet_the_periods_of_their_time_in_whatever_order_both_stand(document: Extract) -> None:
    def at(second: int) -> str:
        return f"0915{second:02d}"

    def exposure(second: int) -> Dataset:
        return period("130501", "Irradiation Event Summary Data", "A", at(second), at(second + 1))

    seconds = [30, 10, 50, 20, 40]
    techniques = [technique("A", at(second), at(second + 1), str(60 + second)) for second in reversed(seconds)]
    details = container("130505", "Irradiation Details", *techniques)
    found = document(report(PROCEDURE, *map(exposure, seconds), details))
    assert [event["kvp"] for event in xray_of(found)["events"]] == [60 + second for second in seconds]


def test_periods_that_never_end_cost_no_more_than_a_few(document: Extract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(irradiation_details, "MAX_PERIODS_AT_ONCE", 3)
    always = [
        container("130511", "Radiation Technique", num("113733", "KVP", str(60 + number), "kV")) for number in range(10)
    ]
    event = period("130501", "Irradiation Event Summary Data", "A", "091500", "091501")
    found = document(report(PROCEDURE, event, container("130505", "Irradiation Details", *always)))
    assert xray_of(found)["events"][0]["kvp_values"] == [67, 68, 69]
    assert [warning for warning in found["outcome"]["warnings"] if "more than 3 periods at once" in warning]


def test_details_that_change_during_an_event_are_warned_of_and_change_no_stated_value(document: Extract) -> None:
    def field(start: str, end: str, area: str) -> Dataset:
        return period(
            "130516", "Radiation Field Area", "A", start, end, num("113790", "Collimated Field Area", area, "cm2")
        )

    report_ = enhanced_report(field("091500", "091535", "100"), field("091535", "091600", "200"))
    found = document(report_)
    assert xray_of(found)["events"][0]["collimated_field_area_m2"] == pytest.approx(0.01)
    assert [warning for warning in found["outcome"]["warnings"] if "changes during an event" in warning]


def test_the_dosimetry_of_a_reference_point_is_read_from_its_container(document: Extract) -> None:
    dosimetry = container(
        "130502",
        "Reference Point Dosimetry",
        num("113725", "Dose (RP) Total", "0.5", "Gy"),
        coded("113780", "Reference Point Definition", "113861", "15cm below BeamIsocenter"),
    )
    totals_of_source = container(
        "130500",
        "Accumulated Dose Data",
        text("113832", "Identification of the X-Ray Source", "1"),
        dosimetry,
    )
    xray = xray_of(document(report(PROCEDURE, totals_of_source, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.76")))
    assert xray["total_rp_dose_gy"] == 0.5
    assert xray["accumulated"]["a"]["reference_point"] == "15cm below BeamIsocenter"
