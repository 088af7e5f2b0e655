"""Unique identifiers (PS3.5 section 9) and the names of SOP classes (PS3.6 annex A)."""

import re

from shared.dicom.sop_class_names import SOP_CLASS_NAMES

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+", re.ASCII)


def is_valid_uid(text: str) -> bool:
    """Whether `text` is a UID: at most 64 characters, numbers without leading zeros joined by dots."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def sop_class_name(uid: str) -> str | None:
    """Return the name that PS3.6 gives the SOP class, None for a private or unknown one."""
    return SOP_CLASS_NAMES.get(uid)
