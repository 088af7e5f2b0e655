"""The class of a dose report: CT, MG (mammography), RF (fluoroscopy) or DX (radiography)."""

from collections.abc import Iterable

from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.template import normalised
from shared.dicom.dataset import parse_decimal
from shared.dose_document.document import ProjectionDose
from shared.dose_document.values import Values, text_of

_MAMMOGRAPHY = frozenset(("P5-40010", "71651007"))
_CT = frozenset(("P5-08000", "77477000"))
_GLANDULAR_DOSE = frozenset(("111631", "111637"))
_FLUOROSCOPY = frozenset(("P5-06000", "44491008", "C0016356"))
_DEVICE_TYPES = {
    # CID 10032, by code value, else by what the normalised meaning contains
    "RF": (("113957",), ("fluoroscopyguided",)),
    "DX": (("113958", "113959"), ("integrated", "cassettebased")),
}


def is_ct(sr: Values) -> bool:
    """Tell whether the procedure reported in a dose report is computed tomography."""
    reported = normalised(text_of(sr, "procedure_reported") or "")
    return sr.get("procedure_reported_code") in _CT or reported.startswith("computedtomography")


def is_mammography(sr: Values, containers: Iterable[ContentItem]) -> bool:
    """Tell whether a dose report is one of mammography, by its procedure or an average glandular dose."""
    reported = normalised(text_of(sr, "procedure_reported") or "")
    if sr.get("procedure_reported_code") in _MAMMOGRAPHY or "mammography" in reported:
        return True
    return any(
        item.concept and item.concept.value in _GLANDULAR_DOSE and any(parse_decimal(n) for n in item.numbers)
        for container in containers
        for item in container.children
    )


def projection_class(sr: Values, dose: ProjectionDose, model: str | None) -> str:
    """Return RF or DX, from the first that says: device type, model, procedure, fluoroscopy totals, kinds of event.

    Azurion states an Integrated Projection Radiography System although it is an angiography system, so the
    model is asked before that. Totals may be zero although every event is fluoroscopy (Eurocolumbus).
    """
    device_type = _device_type(sr)
    if device_type == "RF" or "azurion" in f"{model or ''} {text_of(sr, 'device_observer_model') or ''}".casefold():
        return "RF"
    if device_type:
        return device_type
    if "fluoroscopy" in normalised(text_of(sr, "procedure_reported") or ""):
        return "RF"
    for totals in dose.accumulated.values():
        if totals.get("fluoro_dap_gy_m2") or totals.get("fluoro_time_s"):
            return "RF"
    return "RF" if any(_is_fluoroscopy(event) for event in dose.events) else "DX"


def _device_type(sr: Values) -> str | None:
    code = text_of(sr, "acquisition_device_type_code")
    meaning = normalised(text_of(sr, "acquisition_device_type") or "")
    for modality, (codes, words) in _DEVICE_TYPES.items():
        if code in codes or any(word in meaning for word in words):
            return modality
    return None


def _is_fluoroscopy(event: Values) -> bool:
    kind = normalised(text_of(event, "event_type") or "")
    return event.get("event_type_code") in _FLUOROSCOPY or kind == "fluoroscopy"
