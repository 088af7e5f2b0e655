"""Projection X-ray dose reports from content items to the document."""

import pytest
from pydicom.dataset import Dataset

from tests.helpers.objects.content_items import coded, container, moment, num, report, text, uid
from tests.helpers.objects.projection_items import PROCEDURE, accumulated, irradiation, totals, xray_of
from tests.unit.services.importer.extract.conftest import Extract


def test_totals_of_one_plane(document: Extract) -> None:
    times = (num("113730", "Total Fluoro Time", "70", "s"), num("113855", "Total Acquisition Time", "5", "s"))
    xray = xray_of(document(report(PROCEDURE, accumulated(*totals("3.2", "dGy.cm2"), *times), irradiation())))
    assert xray["plane_count"] == 1
    assert xray["total_dap_gy_m2"] == 3.2e-5
    assert xray["accumulated"]["single"] == {
        "total_dap_gy_m2": 3.2e-5,
        "total_rp_dose_gy": 0.5,
        "fluoro_time_s": 70,
        "acquisition_time_s": 5,
        "total_time_s": 75,
        "raw": {"total_dap_gy_m2": {"value": 3.2, "unit": "dGy.cm2"}},
        "derived": ["total_time_s"],
    }


def test_planes_a_and_b_are_kept_apart_and_added_up(document: Extract) -> None:
    a = accumulated(*totals("1e-5"), plane=coded("113764", "Acquisition Plane", "113620", "Plane A"))
    b = accumulated(*totals("2e-5"), plane=coded("113764", "Acquisition Plane", "0", "Plane B"))
    xray = xray_of(document(report(PROCEDURE, a, b)))
    assert sorted(xray["accumulated"]) == ["a", "b"]
    assert xray["plane_count"] == 2
    assert xray["total_dap_gy_m2"] == pytest.approx(3e-5)
    assert xray["total_rp_dose_gy"] == 1.0


def test_the_reports_own_total_of_all_planes_counts(document: Extract) -> None:
    every = accumulated(*totals("2.9e-5"), plane=coded("113764", "Acquisition Plane", "113890", "All Planes"))
    a = accumulated(*totals("1e-5"), plane=coded("113764", "Acquisition Plane", "113620", "Plane A"))
    assert xray_of(document(report(PROCEDURE, every, a)))["total_dap_gy_m2"] == 2.9e-5


def test_where_several_totals_do_not_name_their_plane_none_is_lost(document: Extract) -> None:
    xray = xray_of(
        document(report(PROCEDURE, accumulated(*totals("1e-5"), plane=None), accumulated(*totals("2e-5"), plane=None)))
    )
    assert {plane: one["total_dap_gy_m2"] for plane, one in xray["accumulated"].items()} == {"a": 1e-5, "b": 2e-5}
    assert xray["total_dap_gy_m2"] == pytest.approx(3e-5)


def test_totals_of_one_plane_that_occur_again_are_warned_of(document: Extract) -> None:
    found = document(report(PROCEDURE, accumulated(*totals("1e-5")), accumulated(*totals("2e-5"))))
    assert xray_of(found)["total_dap_gy_m2"] == 1e-5
    assert any("occur again" in warning for warning in found["outcome"]["warnings"])


def test_totals_without_plane_are_those_of_a_single_one(document: Extract) -> None:
    xray = xray_of(document(report(PROCEDURE, accumulated(*totals("1e-5"), plane=None))))
    assert list(xray["accumulated"]) == ["single"]


def test_an_event_with_filters(document: Extract) -> None:
    copper = container(
        "113771",
        "X-Ray Filters",
        coded("113772", "X-Ray Filter Type", "113650", "Strip filter"),
        coded("113757", "X-Ray Filter Material", "C-127F9", "Copper or Copper compound"),
        num("113758", "X-Ray Filter Thickness Minimum", "0.2", "mm"),
        num("113773", "X-Ray Filter Thickness Maximum", "0.4", "mm"),
    )
    [event] = xray_of(
        document(report(PROCEDURE, irradiation(copper, num("122130", "Dose Area Product", "1", "Gy.m2"))))
    )["events"]
    assert event["started_at"] == "2026-03-14T09:15:30.250000"
    assert event["plane"] == "single"
    assert event["dap_gy_m2"] == 1
    assert event["filters"][0]["thickness_mean_mm"] == pytest.approx(0.3)
    assert event["filters"][0]["derived"] == ["thickness_mean_mm"]


def test_a_filter_without_container_is_the_only_one(document: Extract) -> None:
    items = (
        coded("113757", "X-Ray Filter Material", "C-127F9", "Copper"),
        num("113758", "X-Ray Filter Thickness Minimum", "0.02", "cm"),
    )
    [event] = xray_of(document(report(PROCEDURE, irradiation(*items))))["events"]
    assert [(one["material"], one["thickness_min_mm"]) for one in event["filters"]] == [("Copper", 0.2)]


def test_source_and_detector_may_be_devices_of_their_own(document: Extract) -> None:
    devices = [
        coded("113876", "Device Role in Procedure", value, role, text("113877", "Device Name", name))
        for value, role, name in (("113859", "Irradiating Device", "Tube"), ("113942", "X-Ray Reading Device", "Panel"))
    ]
    found = document(report(PROCEDURE, irradiation(*devices)))
    [event] = xray_of(found)["events"]
    assert (event["device_role"], event["device_name"]) == ("Irradiating Device", "Tube")
    assert event["raw"]["device_name"]["value"] == ["Tube", "Panel"]
    assert found["outcome"]["warnings"] == []


def test_what_follows_from_stated_values_is_marked_as_derived(document: Extract) -> None:
    [event] = xray_of(
        document(
            report(
                PROCEDURE,
                irradiation(
                    num("113793", "Pulse Width", "4", "ms"),
                    num("113768", "Number of Pulses", "25", "1"),
                    num("113734", "X-Ray Tube Current", ["0", "10", "20"], "mA"),
                ),
            )
        )
    )["events"]
    assert event["exposure_time_ms"] == 100
    assert event["tube_current_ma_values"] == [0, 10, 20]
    assert event["avg_tube_current_ma"] == 15
    assert set(event["derived"]) == {"exposure_time_ms", "tube_current_ma_mean", "avg_tube_current_ma"}


def test_stated_values_are_never_replaced_by_derived_ones(document: Extract) -> None:
    [event] = xray_of(
        document(
            report(
                PROCEDURE,
                irradiation(
                    num("113793", "Pulse Width", "4", "ms"),
                    num("113768", "Number of Pulses", "25", "1"),
                    num("113735", "Exposure Time", "99", "ms"),
                    num("113734", "X-Ray Tube Current", "10", "mA"),
                    num("113767", "Average X-Ray Tube Current", "9", "mA"),
                ),
            )
        )
    )["events"]
    assert (event["exposure_time_ms"], event["avg_tube_current_ma"]) == (99, 9)
    assert "derived" not in event


def test_siemens_comments_tell_position_and_image_intensifier(document: Extract) -> None:
    position = text("121106", "Comment", '<Root><PatientPosition><Position SRData="FFP "/></PatientPosition></Root>')
    diameter = text("121106", "Comment", '<FluoroData><iiDiameter SRData="220"/><Broken SRData=></FluoroData')
    found = document(report(PROCEDURE, position, irradiation(diameter)))
    assert found["sr"]["patient_position_xml"] == "FFP"
    [event] = found["xray"]["events"]
    assert event["image_intensifier_diameter_mm"] == 220
    assert event["patient_table_relationship"] == "feet-first"
    assert event["patient_orientation"] == "recumbent"
    assert event["patient_orientation_modifier"] == "prone"
    assert {"image_intensifier_diameter_mm", "patient_orientation_modifier"} <= set(event["derived"])


@pytest.mark.parametrize(
    ("written", "position"),
    [
        ('<Position SRData="HFS"/>', "HFS"),
        ("<Position SRData='FFDL' />", "FFDL"),
        ('<Position SRData = "hfp"/>', "HFP"),
        ('<PatientPosition SRData="FFS"/>', "FFS"),
        ('<Position SRData="STANDING"/>', None),
        ("<Position SRData=", None),
    ],
)
def test_positions_in_comments(document: Extract, written: str, position: str | None) -> None:
    comments = text("121106", "Comment", "Good images"), text("121106", "Comment", f"<Root>{written}</Root>")
    found = document(report(PROCEDURE, *comments, irradiation()))
    assert found["sr"].get("patient_position_xml") == position
    assert found["sr"]["comment"].startswith("Good images | ")


def test_a_stated_orientation_is_not_touched(document: Extract) -> None:
    position = text("121106", "Comment", '<Root><Position SRData="HFS"/></Root>')
    stated = coded("113743", "Patient Orientation", "F-10440", "erect")
    [event] = xray_of(document(report(PROCEDURE, position, irradiation(stated))))["events"]
    assert event["patient_orientation"] == "erect"
    assert "patient_orientation_modifier" not in event


def test_philips_shutters_give_the_field_at_the_detector(document: Extract) -> None:
    scheme = "99PHI-IXR-XPER"
    shutters = container(
        "005",
        "Wedges and Shutters",
        num("006", "Bottom Shutter", "100", "mm", scheme=scheme),
        num("007", "Left Shutter", "150", "mm", scheme=scheme),
        num("008", "Right Shutter", "150", "mm", scheme=scheme),
        num("009", "Top Shutter", "100", "mm", scheme=scheme),
        scheme=scheme,
    )
    first = irradiation(shutters, num("113750", "Distance Source to Detector", "1200", "mm"))
    events = xray_of(document(report(PROCEDURE, first, irradiation(shutters))))["events"]
    for event in events:  # The distance is stated only when it has changed.
        assert event["collimated_field_height_mm"] == pytest.approx(360)
        assert event["collimated_field_width_mm"] == pytest.approx(240)
        assert event["collimated_field_area_m2"] == pytest.approx(0.0864)
        assert "collimated_field_area_m2" in event["derived"]
    assert "distance_source_to_detector_mm" not in events[1]


def test_the_distance_of_one_plane_says_nothing_of_the_other(document: Extract) -> None:
    scheme = "99PHI-IXR-XPER"
    shutters = [num(f"00{n}", "?", "100", "mm", scheme=scheme) for n in (6, 7, 8, 9)]
    plane_a = coded("113764", "Acquisition Plane", "113620", "Plane A")
    plane_b = coded("113764", "Acquisition Plane", "113621", "Plane B")
    events = [
        container("113706", "Irradiation Event X-Ray Data", plane, *shutters, *distance)
        for plane, distance in (
            (plane_a, [num("113750", "Distance Source to Detector", "1000", "mm")]),
            (plane_b, []),
            (plane_b, [num("113750", "Distance Source to Detector", "1200", "mm")]),
            (plane_a, []),
        )
    ]
    found = xray_of(document(report(PROCEDURE, *events)))["events"]
    assert [event.get("collimated_field_width_mm") for event in found] == [200, None, 240, 200]


def without(item: Dataset, *keywords: str) -> Dataset:
    for keyword in keywords:
        delattr(item, keyword)
    return item


@pytest.mark.parametrize(
    "empty",
    [
        num("113733", "KVP", None, None),
        num("113733", "KVP", "", "kV"),
        without(num("113733", "KVP", "1", "kV"), "MeasuredValueSequence"),
        without(coded("113732", "Fluoro Mode", "1", "?"), "ConceptCodeSequence"),
        without(text("125203", "Acquisition Protocol", "?"), "TextValue"),
        without(text("125203", "Acquisition Protocol", "?"), "TextValue", "ValueType", "RelationshipType"),
        without(text("125203", "Acquisition Protocol", "?"), "ConceptNameCodeSequence"),
        without(uid("113795", "Acquired Image", "1"), "UID"),
        moment("111527", "DateTime Ended", ""),
        container("113771", "X-Ray Filters"),
        container("122505", "Calibration", moment("113723", "Calibration Date", "")),
        Dataset(),
    ],
    ids=lambda item: f"{item.get('ValueType', '')} {len(item)}",
)
def test_what_is_empty_is_absent_and_costs_nothing_else(document: Extract, empty: Dataset) -> None:
    dose = num("122130", "Dose Area Product", "2e-6", "Gy.m2")
    found = document(report(PROCEDURE, irradiation(empty, dose), accumulated(empty, *totals("1e-5"))))
    [event] = xray_of(found)["events"]
    assert event["dap_gy_m2"] == 2e-6
    assert event.get("kvp") is event.get("fluoro_mode") is event.get("acquisition_protocol") is None
    assert found["xray"]["total_dap_gy_m2"] == 1e-5
    assert found["outcome"]["warnings"] == []


@pytest.mark.parametrize("beside", [True, False])
def test_modifiers_stand_below_what_they_modify_or_beside_it(document: Extract, beside: bool) -> None:
    def modified(item: Dataset, modifier: Dataset) -> list[Dataset]:
        if beside:
            return [item, modifier]
        item.ContentSequence = [modifier]
        return [item]

    intent = coded("G-C0E8", "Has Intent", "R-408C3", "Diagnostic Intent")
    position = coded("113744", "Patient Orientation Modifier", "F-10340", "supine")
    procedure = coded("121058", "Procedure reported", "113704", "Projection X-Ray")
    orientation = coded("113743", "Patient Orientation", "F-10450", "recumbent")
    found = document(report(*modified(procedure, intent), irradiation(*modified(orientation, position))))
    assert (found["sr"]["procedure_reported"], found["sr"]["has_intent"]) == ("Projection X-Ray", "Diagnostic Intent")
    [event] = xray_of(found)["events"]
    assert (event["patient_orientation"], event["patient_orientation_modifier"]) == ("recumbent", "supine")


def test_identifiers_and_definitions_may_be_text(document: Extract) -> None:
    event = container(
        "113706",
        "Irradiation Event X-Ray Data",
        text("113769", "Irradiation Event UID", "1.2.3"),
        text("113780", "Reference Point Definition", "15cm from Isocenter toward Source"),
        text("113764", "Acquisition Plane", "Plane B"),
    )
    found = document(report(PROCEDURE, text("121012", "Device Observer UID", "1.2.4"), event))
    assert found["sr"]["device_observer_uid"] == "1.2.4"
    assert found["xray"]["events"] == [
        {"irradiation_event_uid": "1.2.3", "plane": "b", "reference_point": "15cm from Isocenter toward Source"}
    ]


@pytest.mark.parametrize(
    ("item", "name", "value"),
    [
        (num("113735", "Exposure Time", "12", "ms"), "exposure_time_ms", 12),
        (num("113734", "mA", "12", "mA"), "tube_current_ma", 12),
        (num("113734", "Mean X-Ray Tube Current", "12", "mA"), "tube_current_ma", 12),
        (num("113736", "Exposure", "12", "mAs"), "exposure_uas", 12_000),
        (num("021", "Table Height Position", "12", "mm", scheme="99PHI-IXR-XPER"), "table_height_mm", 12),
        (num("113738", "Dose(RP)", "12", "mGy"), "rp_dose_gy", 0.012),
        (coded("113632", "Anode Target Material", "C-164F9", "Tungsten"), "anode", "Tungsten"),
        (moment("111526", "Date Time Started", "20260314091530"), "started_at", "2026-03-14T09:15:30"),
    ],
)
def test_codes_or_meanings_that_differ_from_the_standard(
    document: Extract, item: Dataset, name: str, value: object
) -> None:
    event = container("113706", "Irradiation Event X-Ray Data", item)
    assert xray_of(document(report(PROCEDURE, event)))["events"][0][name] == value


DEVICE_TYPE = "Acquisition Device Type"
FLUORO = num("113730", "Total Fluoro Time", "12", "s")
FLUOROSCOPY = coded("113721", "Irradiation Event Type", "44491008", "Fluoroscopy")


@pytest.mark.parametrize(
    ("items", "header", "modality"),
    [
        ((text("122142", DEVICE_TYPE, "Fluoroscopy-Guided Projection Radiography System"),), {}, "RF"),
        ((text("122142", DEVICE_TYPE, "Integrated Projection Radiography System"), accumulated(FLUORO)), {}, "DX"),
        (
            (text("122142", DEVICE_TYPE, "Integrated Projection Radiography System"),),
            {"ManufacturerModelName": "Azurion"},
            "RF",
        ),
        ((text("122142", DEVICE_TYPE, "Cassette-based Projection Radiography System"),), {}, "DX"),
        ((text("122142", DEVICE_TYPE, "Fluoroscopy guided system"),), {}, "RF"),
        ((coded("122142", DEVICE_TYPE, "113957", "?"),), {}, "RF"),
        ((coded("122142", DEVICE_TYPE, "113958", "?"), accumulated(FLUORO)), {}, "DX"),
        ((text("122142", DEVICE_TYPE, "Something new"), accumulated(FLUORO)), {}, "RF"),
        ((text("121015", "Device Observer Model Name", "Azurion 7"),), {}, "RF"),
        ((accumulated(FLUORO),), {}, "RF"),
        ((accumulated(num("113730", "Total Fluoro Time", "0", "s")),), {}, "DX"),
        ((accumulated(num("113730", "Total Fluoro Time", "0", "s")), irradiation(FLUOROSCOPY)), {}, "RF"),
        ((), {}, "DX"),
    ],
)
def test_the_class_of_the_study(
    document: Extract, items: tuple[Dataset, ...], header: dict[str, str], modality: str
) -> None:
    found = document(report(PROCEDURE, *items, irradiation(), **header))
    assert found["study"]["modality"] == modality


def test_repetitions_and_persons_of_an_event(document: Extract) -> None:
    repeated = coded(
        "128551",
        "Is Repeated Acquisition",
        "373066001",
        "Yes",
        coded("128552", "Reason for Repeating Acquisition", "111222", "Motion blur"),
    )
    person = text("113870", "Person Name", "Doe^Jo", coded("113875", "Person Role in Procedure", "1", "Operator"))
    [event] = xray_of(document(report(PROCEDURE, irradiation(repeated, person))))["events"]
    assert (event["is_repeated"], event["reason_for_repeating"]) == (True, "Motion blur")
    assert (event["person_name"], event["person_role"]) == ("Doe^Jo", "Operator")


def test_an_arcadis_summary_has_totals_only(document: Extract) -> None:
    scheme = "99SMS_RADSUM"
    dataset = report(
        num("C-200", "Total number of exposures", "3", "1", scheme=scheme),
        num("C-202", "Cumulative fluoro time", "34.4", "s", scheme=scheme),
        num("C-204", "Cumulative dose area product", "0.2359", "Gy.cm^2", scheme=scheme),
        num("C-210", "Cumulative air kerma", None, None, scheme=scheme),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.88.22",
    )
    dataset.ConceptNameCodeSequence[0].CodeValue = "C-10"
    dataset.ConceptNameCodeSequence[0].CodingSchemeDesignator = scheme
    found = document(dataset)
    assert found["study"]["modality"] == "RF"
    assert found["outcome"]["object_kind"] == "siemens_arcadis_summary_sr"
    assert found["xray"]["total_dap_gy_m2"] == pytest.approx(2.359e-5)
    assert found["xray"]["accumulated"]["single"]["radiographic_frames"] == 3
    assert found["xray"]["events"] == []


def test_one_broken_item_costs_that_item_and_a_warning(document: Extract) -> None:
    found = document(
        report(
            PROCEDURE,
            accumulated(num("113722", "Dose Area Product Total", "5", "lightyear"), *totals("1e-5")[1:]),
            irradiation(num("122130", "Dose Area Product", "2e-6", "Gy.m2")),
        )
    )
    assert found["outcome"]["accepted"]
    assert found["outcome"]["warnings"] == [
        (
            "Accumulated X-Ray Dose Data [2] > Dose Area Product Total [2]: "
            "unit 'lightyear' is not known for Gy.m2; kept raw"
        )
    ]
    assert found["xray"]["accumulated"]["single"]["total_rp_dose_gy"] == 0.5
    assert found["xray"]["events"][0]["dap_gy_m2"] == 2e-6
