"""The identity of the equipment that irradiated, and its default name. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from json import dumps

from services.importer.policies.pattern import matches
from shared.database.models import Equipment
from shared.dose_document.document import DoseDocument
from shared.dose_document.values import text_of
from shared.stored_study import layout

CHANGING_UID_MODELS = ("*OEC*Fluorostar*",)
"""Models that write a new Device Observer UID into every study, so that it does not identify the device."""

BLANK = "Blank"
"""The display name where institution and station name are missing."""

SAME_EQUIPMENT = tuple(name for name in Equipment.IDENTITY if name != "software_versions")
"""The columns that stay the same when the software is upgraded."""

_MAX_DISPLAY_NAME = 200


@dataclass(frozen=True, slots=True)
class EquipmentIdentity:
    """The columns that make up the identity of equipment, and their hash, by which it is found."""

    columns: Mapping[str, str | None]
    hash: str


def equipment_identity(document: DoseDocument) -> EquipmentIdentity:
    """Return the identity of the equipment that a document names."""
    row, _ = layout.EQUIPMENT.to_row({name: document.study.get(name) for name in layout.EQUIPMENT.keys})
    columns = {name: value if isinstance(value, str) else None for name, value in row.items()}
    columns["device_observer_uid"] = _identifying_uid(document)
    identity = dumps([columns[name] for name in Equipment.IDENTITY], ensure_ascii=False)
    return EquipmentIdentity(columns, sha256(identity.encode()).hexdigest())


def display_name(row: Mapping[str, str | None]) -> str:
    """Return the default name of equipment: institution and station name."""
    words = " ".join(text for text in (row.get("institution"), row.get("station_name")) if text)
    return " ".join(words.split())[:_MAX_DISPLAY_NAME] or BLANK


def _identifying_uid(document: DoseDocument) -> str | None:
    sr = document.sr or {}
    uid = text_of(sr, "device_observer_uid")
    if uid == document.study_instance_uid:
        return None
    models = (text_of(document.study, "model"), text_of(sr, "device_observer_model"))
    changing = any(matches(model, pattern) for model in models if model for pattern in CHANGING_UID_MODELS)
    return None if changing else uid
