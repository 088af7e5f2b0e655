"""Which class a projection study belongs to: RF (fluoroscopy), DX (radiography) or MG (mammography)."""

from services.importer.extract.collect import Values
from services.importer.extract.template import normalised

_MAMMOGRAPHY = frozenset(("P5-40010", "71651007"))
_FLUOROSCOPY = frozenset(("P5-06000", "44491008"))


def is_mammography(sr: Values) -> bool:
    """Whether the procedure that a dose report says it reports is mammography."""
    reported = normalised(sr.get("procedure_reported") or "")
    return sr.get("procedure_reported_code") in _MAMMOGRAPHY or reported == "mammography"


def projection_class(sr: Values, xray: Values, model: str | None) -> str:
    """Return RF or DX, from the first that says: device type, model, fluoroscopy totals, kinds of event.

    Azurion states an Integrated Projection Radiography System although it is an angiography system, so the
    model is asked before that. Totals may be zero although every event is fluoroscopy (Eurocolumbus).
    """
    device_type = (sr.get("acquisition_device_type") or "").casefold()
    if "fluoroscopy-guided" in device_type:
        return "RF"
    if "azurion" in f"{model or ''} {sr.get('device_observer_model') or ''}".casefold():
        return "RF"
    if "integrated" in device_type or "cassette-based" in device_type:
        return "DX"
    for totals in xray["accumulated"].values():
        if totals.get("fluoro_dap_gy_m2") or totals.get("fluoro_time_s"):
            return "RF"
    return "RF" if any(_is_fluoroscopy(event) for event in xray["events"]) else "DX"


def _is_fluoroscopy(event: Values) -> bool:
    kind = normalised(event.get("event_type") or "")
    return event.get("event_type_code") in _FLUOROSCOPY or kind == "fluoroscopy"
