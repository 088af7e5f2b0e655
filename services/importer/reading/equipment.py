"""Who irradiated: the identity of equipment, its display name, and what users say of its modality. Pure."""

from collections.abc import Mapping
from hashlib import sha256
from json import dumps
from typing import Any

from services.importer.policies.pattern import matches
from shared.database.models import Equipment
from shared.stored_study import layout

CHANGING_UID_MODELS = ("*OEC*Fluorostar*",)
"""Models that make up a new Device Observer UID for every study, so that it identifies nothing."""

BLANK = "Blank"
"""The display name where institution and station name are missing."""

SAME_EQUIPMENT = tuple(name for name in Equipment.IDENTITY if name != "software_versions")
"""What stays the same when the software is upgraded."""

_MAX_DISPLAY_NAME = 200


def equipment_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the identity of the equipment, with its hash."""
    study, sr = document["study"], document.get("sr", {})
    row, _ = layout.EQUIPMENT.to_row({name: study.get(name) for name in layout.EQUIPMENT.keys})
    row["device_observer_uid"] = _identifying_uid(study, sr)
    identity = dumps([row[name] for name in Equipment.IDENTITY], ensure_ascii=False)
    return {**row, "identity_hash": sha256(identity.encode()).hexdigest()}


def display_name(row: Mapping[str, Any]) -> str:
    """Return what equipment is called until somebody gives it a name: institution and station name."""
    words = " ".join(text for text in (row.get("institution"), row.get("station_name")) if text)
    return " ".join(words.split())[:_MAX_DISPLAY_NAME] or BLANK


def _identifying_uid(study: Mapping[str, Any], sr: Mapping[str, Any]) -> str | None:
    uid: str | None = sr.get("device_observer_uid")
    if uid == study.get("study_instance_uid"):
        return None
    models = (study.get("model"), sr.get("device_observer_model"))
    changing = any(matches(model, pattern) for model in models if model for pattern in CHANGING_UID_MODELS)
    return None if changing else uid
