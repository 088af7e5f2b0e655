"""What of a patient's identity is stored, as the privacy policy says. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from shared.database.models import Handling

DEFAULTS: Mapping[str, Handling] = {
    "patient_name": Handling.DROP,
    "patient_id": Handling.DROP,
    "patient_birth_date": Handling.DROP,
    "accession_number": Handling.STORE,
}
"""What stands as long as nobody has set a policy."""

_JOINED = " | "


def withhold(study: Mapping[str, Any], policy: Mapping[str, Handling], *, key: bytes | None) -> dict[str, Any]:
    """Return a `study` part with what the policy lets through; what is to be hashed, without a key, is dropped."""
    handled = {name: _handled(study[name], how, key) for name, how in policy.items() if study.get(name) is not None}
    return {name: value for name, value in {**study, **handled}.items() if value is not None}


def _handled(value: str, how: Handling, key: bytes | None) -> str | None:
    if how is Handling.STORE:
        return value
    if how is Handling.DROP or not key:
        return None
    return hmac.new(key, value.replace(_JOINED, "").encode(), hashlib.sha256).hexdigest()
