"""What of a patient's identity is stored, as the privacy policy says. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from shared.database.models import Handling
from shared.dose_document.values import JOINED

DEFAULTS: Mapping[str, Handling] = {
    "patient_name": Handling.DROP,
    "patient_id": Handling.DROP,
    "patient_birth_date": Handling.DROP,
    "accession_number": Handling.STORE,
}
"""What stands as long as nobody has set a policy."""


def withhold(study: Mapping[str, Any], policy: Mapping[str, Handling], *, key: bytes | None) -> dict[str, Any]:
    """Return a `study` part with what the policy lets through; what is to be hashed, without a key, is dropped.

    Hashes are hexadecimal, over UTF-8; of an element with several values over all of them with nothing between.
    """
    handled = {name: _handled(study[name], how, key) for name, how in policy.items() if study.get(name) is not None}
    return {name: value for name, value in {**study, **handled}.items() if value is not None}


def _handled(value: str, how: Handling, key: bytes | None) -> str | None:
    if how is Handling.STORE:
        return value
    values = value.replace(JOINED, "").encode()
    if how is Handling.SHA256:
        return hashlib.sha256(values).hexdigest()
    if how is Handling.HASH and key:
        return hmac.new(key, values, hashlib.sha256).hexdigest()
    return None
