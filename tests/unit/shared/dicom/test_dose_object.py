import pytest

from shared.dicom.dose_object import NoDose, classify
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.dicom.header import Code, ObjectHeader

STORAGE = "1.2.840.10008.5.1.4.1.1."
DOSE = Code("113701", "DCM", "X-Ray Radiation Dose Report")


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("1", DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER),
        ("1.1", DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER),
        ("1.1.1", DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER),
        ("1.2", DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER),
        ("1.2.1", DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER),
        ("128", DoseObjectKind.NUCLEAR_MEDICINE_IMAGE_HEADER),
        ("20", DoseObjectKind.NUCLEAR_MEDICINE_IMAGE_HEADER),
    ],
)
def test_images_with_dose_in_their_header(suffix: str, kind: DoseObjectKind) -> None:
    assert classify(ObjectHeader(sop_class_uid=STORAGE + suffix)) is kind


@pytest.mark.parametrize("suffix", ["88.67", "88.22", "88.33", "88.34", "88.76"])
def test_dose_reports_come_under_several_sop_classes(suffix: str) -> None:
    assert classify(ObjectHeader(sop_class_uid=STORAGE + suffix, title_code=DOSE)) is DoseObjectKind.X_RAY_DOSE_SR


def test_the_scheme_of_the_title_is_not_looked_at() -> None:
    header = ObjectHeader(sop_class_uid=STORAGE + "88.67", title_code=DOSE._replace(scheme="99ACME"))
    assert classify(header) is DoseObjectKind.X_RAY_DOSE_SR


def test_a_title_may_be_known_by_its_meaning_alone() -> None:
    title = Code("", "", "X-RAY Radiation Dose Report")
    assert classify(ObjectHeader(sop_class_uid=STORAGE + "88.67", title_code=title)) is DoseObjectKind.X_RAY_DOSE_SR
    for other in (Code("", "", "Dose Report"), title._replace(value="18748-4")):
        assert isinstance(classify(ObjectHeader(sop_class_uid=STORAGE + "88.67", title_code=other)), NoDose)


def test_radiopharmaceutical_reports() -> None:
    title = Code("113500", "DCM", "Radiopharmaceutical Radiation Dose Report")
    header = ObjectHeader(sop_class_uid=STORAGE + "88.68", title_code=title)
    assert classify(header) is DoseObjectKind.RADIOPHARMACEUTICAL_DOSE_SR


def test_the_arcadis_summary_needs_its_scheme() -> None:
    summary = Code("C-10", "99SMS_RADSUM", "Radiation Summary Report")
    header = ObjectHeader(sop_class_uid=STORAGE + "88.22", title_code=summary)
    assert classify(header) is DoseObjectKind.SIEMENS_ARCADIS_SUMMARY_SR
    other = ObjectHeader(sop_class_uid=STORAGE + "88.22", title_code=summary._replace(scheme="99ACME"))
    assert isinstance(classify(other), NoDose)


def test_secondary_captures_that_carry_dose() -> None:
    hologic = ObjectHeader(sop_class_uid=STORAGE + "7", modality="MG", image_type=("ORIGINAL", "PRIMARY"))
    philips = ObjectHeader(
        sop_class_uid=STORAGE + "7", modality="CT", manufacturer="Philips", series_description="Dose Info"
    )
    assert classify(hologic) is DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER
    assert classify(philips) is DoseObjectKind.PHILIPS_CT_DOSE_INFO_IMAGE


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (ObjectHeader(sop_class_uid=STORAGE + "2"), "CT Image Storage is not a kind of object"),
        (ObjectHeader(sop_class_uid="1.2.3.4"), "SOP class 1.2.3.4 is not a kind of object"),
        (ObjectHeader(sop_class_uid="\x1b[31m" + "1" * 10_000), "an invalid SOP class is not a kind of object"),
        (ObjectHeader(sop_class_uid=STORAGE + "88.67"), "without document title"),
        (
            ObjectHeader(sop_class_uid=STORAGE + "88.22", title_code=Code("18748-4", "LN", "Imaging report")),
            "document title is not a radiation dose report",
        ),
        (ObjectHeader(sop_class_uid=STORAGE + "88.11", title_code=DOSE), "not a radiation dose report"),
        (ObjectHeader(sop_class_uid=STORAGE + "7", modality="MG", image_type=("DERIVED",)), "secondary capture"),
        (ObjectHeader(sop_class_uid=STORAGE + "7", manufacturer="Philips"), "secondary capture"),
        (
            ObjectHeader(sop_class_uid=STORAGE + "7", manufacturer="Philips Medical", series_description="Dose Info"),
            "secondary capture",
        ),
    ],
)
def test_everything_else_is_refused_with_a_reason(header: ObjectHeader, reason: str) -> None:
    verdict = classify(header)
    assert isinstance(verdict, NoDose)
    assert reason in verdict.reason
