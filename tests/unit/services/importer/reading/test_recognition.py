"""The identities of the events that a document contributes."""

from typing import Any

from services.importer.reading.contribution import Contribution
from services.importer.reading.recognition import contributions_of
from shared.database.models import StudyPart
from tests.helpers.importer.documents import dose_document


def document(kind: str = "ct_dose_sr", **parts: Any) -> dict[str, Any]:
    return {
        "object": {"sop_instance_uid": "1.1"},
        "study": {"study_instance_uid": "1.0"},
        "outcome": {"accepted": True, "object_kind": kind},
        **parts,
    }


def contribution(document: dict[str, Any], part: StudyPart) -> Contribution:
    return contributions_of(dose_document(document))[part]


def parts_of(document: dict[str, Any]) -> list[StudyPart]:
    return list(contributions_of(dose_document(document)))


def of_events(*events: dict[str, Any], kind: str = "projection_dose_sr") -> Contribution:
    return contribution(document(kind, xray={"events": list(events)}), StudyPart.XRAY)


def test_a_document_has_the_parts_that_it_holds() -> None:
    assert parts_of(document(ct={}, nm={})) == [StudyPart.CT, StudyPart.NM]
    assert parts_of(document()) == []
    assert parts_of(document("mg_dose_sr", mg={}, xray={"plane_count": 1})) == [StudyPart.MG]


def test_events_are_known_by_their_uid() -> None:
    new = of_events(
        {"irradiation_event_uid": "2.1", "started_at": "2026-03-14T09:15:30.5"}, {"irradiation_event_uid": "2.2"}
    )
    assert [event.key for event in new.events] == ["2.1", "2.2"]
    assert [event.has_uid for event in new.events] == [True, True]
    assert new.events[0].started_at is not None
    assert new.events[0].started_at.isoformat() == "2026-03-14T09:15:30.500000"


def test_events_without_uid_are_known_by_their_content() -> None:
    first, second = {"dap_gy_m2": 1e-6}, {"dap_gy_m2": 2e-6}
    new = of_events(first, second)
    assert new.events[0].key != new.events[1].key
    assert not new.events[0].has_uid
    assert of_events(second, first).events == tuple(reversed(new.events))


def test_events_that_a_report_cannot_tell_apart_are_kept_apart() -> None:
    twice = {"irradiation_event_uid": "2.1", "dap_gy_m2": 1e-6}
    keys = [event.key for event in of_events(twice, {**twice, "dap_gy_m2": 2e-6}, twice, {}, {}).events]
    assert len(set(keys)) == 5
    assert keys[0] == "2.1"


def test_a_uid_that_is_too_long_is_no_key() -> None:
    (event,) = of_events({"irradiation_event_uid": "9" * 5000}).events
    assert len(event.key) <= 64


def test_an_image_without_event_uid_of_its_own_is_compared_by_time() -> None:
    (event,) = of_events({"irradiation_event_uid": "1.1"}, kind="radiography_image_header").events
    assert not event.has_uid
    assert of_events(kind="radiography_image_header").is_image
    assert not of_events(kind="projection_dose_sr").is_image


def test_nuclear_medicine_counts_administrations_of_reports_and_series_of_images() -> None:
    from_report = contribution(
        document("radiopharmaceutical_dose_sr", nm={"administrations": [{"event_uid": "3.1"}]}), StudyPart.NM
    )
    assert [event.key for event in from_report.events] == ["3.1"]
    pet = {"pet_series": [{"series_instance_uid": "4.1"}], "administrations": [{"activity_mbq": 300}]}
    from_image = contribution(document("nuclear_medicine_image_header", nm=pet), StudyPart.NM)
    assert [event.key for event in from_image.events] == ["series 4.1"]
    assert from_image.of_series
    planar = contribution(document("nuclear_medicine_image_header", nm={}), StudyPart.NM)
    assert [event.key for event in planar.events] == ["planar"]


def of_image(sop_instance_uid: str, *, sop_class_uid: str, **event: Any) -> Contribution:
    about = {"sop_instance_uid": sop_instance_uid, "sop_class_uid": sop_class_uid}
    event |= {"irradiation_event_uid": sop_instance_uid, "started_at": "2026-03-14T09:15:30", "laterality": "Left"}
    image = document("mammography_image_header", mg={"events": [event]}) | {"object": about}
    return contribution(image, StudyPart.MG)


FOR_PRESENTATION, FOR_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.2", "1.2.840.10008.5.1.4.1.1.1.2.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def test_two_images_are_of_one_exposure_where_start_and_technique_are_the_same() -> None:
    first = of_image("1.1", sop_class_uid=FOR_PRESENTATION, agd_mgy=1.2, presentation_intent="FOR PRESENTATION")
    twin = of_image("1.2", sop_class_uid=FOR_PROCESSING, agd_mgy=1.2, presentation_intent="FOR PROCESSING")
    other = of_image("1.3", sop_class_uid=FOR_PRESENTATION, agd_mgy=1.3)
    assert first.events[0].is_same(twin.events[0])
    assert not first.events[0].is_same(other.events[0])


def test_the_projections_of_a_tomosynthesis_are_exposures_of_their_own() -> None:
    first, second = (of_image(uid, sop_class_uid=SECONDARY_CAPTURE, agd_mgy=0.1) for uid in ("1.1", "1.2"))
    assert not first.events[0].is_same(second.events[0])
    assert of_events({"started_at": "2026-03-14T09:15:30"}).events[0].is_same(first.events[0])
