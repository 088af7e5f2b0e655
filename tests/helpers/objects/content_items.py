"""Content items of structured reports, built with pydicom, the reference that our own reader is held against."""

from collections.abc import Sequence as Items
from io import BytesIO

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

X_RAY_RADIATION_DOSE_SR = "1.2.840.10008.5.1.4.1.1.88.67"
STUDY_UID = "1.2.826.0.1.3680043.8.498.1"
SOP_INSTANCE_UID = "1.2.826.0.1.3680043.8.498.2"
TRANSFER_SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


def code(value: str, meaning: str, scheme: str = "DCM") -> Dataset:
    """Return a code sequence item."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def _item(value_type: str, concept: Dataset | None, children: Items[Dataset]) -> Dataset:
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = value_type
    if concept is not None:
        item.ConceptNameCodeSequence = Sequence([concept])
    if children:
        item.ContentSequence = Sequence(children)
    return item


def container(value: str, meaning: str, *children: Dataset, scheme: str = "DCM") -> Dataset:
    """Return a CONTAINER."""
    return _item("CONTAINER", code(value, meaning, scheme), children)


def num(
    value: str, meaning: str, number: str | list[str] | None, unit: str | None, *children: Dataset, scheme: str = "DCM"
) -> Dataset:
    """Return a NUM, without measured value where `number` is None and without unit where that is None."""
    item = _item("NUM", code(value, meaning, scheme), children)
    measured = Dataset()
    if number is not None:
        measured.NumericValue = number
        if unit is not None:
            measured.MeasurementUnitsCodeSequence = Sequence([code(unit, unit, "UCUM")])
    item.MeasuredValueSequence = Sequence([measured] if number is not None else [])
    return item


def coded(
    value: str, meaning: str, code_value: str, code_meaning: str, *children: Dataset, scheme: str = "DCM"
) -> Dataset:
    """Return a CODE."""
    item = _item("CODE", code(value, meaning, scheme), children)
    item.ConceptCodeSequence = Sequence([code(code_value, code_meaning)])
    return item


def text(value: str, meaning: str, written: str, *children: Dataset, scheme: str = "DCM") -> Dataset:
    """Return a TEXT."""
    item = _item("TEXT", code(value, meaning, scheme), children)
    item.TextValue = written
    return item


def uid(value: str, meaning: str, written: str) -> Dataset:
    """Return a UIDREF."""
    item = _item("UIDREF", code(value, meaning), ())
    item.UID = written
    return item


def moment(value: str, meaning: str, written: str) -> Dataset:
    """Return a DATETIME."""
    item = _item("DATETIME", code(value, meaning), ())
    item.DateTime = written
    return item


def report(*children: Dataset, **header: object) -> Dataset:
    """Return an X-Ray Radiation Dose SR with these content items; `header` sets attributes by keyword."""
    dataset = container("113701", "X-Ray Radiation Dose Report", *children)
    del dataset.RelationshipType
    dataset.SOPClassUID = X_RAY_RADIATION_DOSE_SR
    dataset.SOPInstanceUID = SOP_INSTANCE_UID
    dataset.StudyInstanceUID = STUDY_UID
    dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.3"
    dataset.StudyDate = "20260314"
    dataset.StudyTime = "091530"
    dataset.Modality = "SR"
    for keyword, value in header.items():
        setattr(dataset, keyword, value)
    return dataset


def small_report() -> Dataset:
    """Return a report with accumulated dose and two equal events that have an item of every kind of value."""
    event = container(
        "113706",
        "Irradiation Event X-Ray Data",
        uid("113769", "Irradiation Event UID", "1.2.826.0.1.3680043.8.498.4"),
        moment("111526", "DateTime Started", "20260314091530"),
        coded("113721", "Irradiation Event Type", "P5-06000", "Fluoroscopy"),
        num("122130", "Dose Area Product", "0.5", "dGy.cm2"),
        num("113733", "KVP", ["70", "80", "90"], "kV"),
        container("113771", "X-Ray Filters", num("113758", "X-Ray Filter Thickness Minimum", "0.2", "mm")),
        text("121106", "Comment", '<iiDiameter SRData="220"/>'),
    )
    totals = container("113702", "Accumulated X-Ray Dose Data", num("113722", "Dose Area Product Total", "1", "Gy.m2"))
    return report(totals, event, event, PatientAge="060Y", ReferringPhysicianName="A^B")


def part10_bytes(
    dataset: Dataset, transfer_syntax: str = ExplicitVRLittleEndian, *, undefined_lengths: bool = False
) -> bytes:
    """Return the file that pydicom writes; `undefined_lengths` concerns all sequences and their items."""
    if undefined_lengths:
        _undefine(dataset)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", X_RAY_RADIATION_DOSE_SR)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", SOP_INSTANCE_UID)
    file = BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def _undefine(dataset: Dataset) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _undefine(item)
