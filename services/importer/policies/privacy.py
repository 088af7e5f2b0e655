"""The privacy policy: the part of a patient's identity that is stored. Pure functions."""

import hashlib
import hmac
from collections.abc import Mapping

from shared.database.models import Handling
from shared.dose_document.values import JOINED, Value, Values, text_of, without_none

DEFAULTS: Mapping[str, Handling] = {
    "patient_name": Handling.DROP,
    "patient_id": Handling.DROP,
    "patient_birth_date": Handling.DROP,
    "accession_number": Handling.STORE,
}
"""The policy until somebody sets one."""


def withhold(study: Mapping[str, Value], policy: Mapping[str, Handling], *, key: bytes | None) -> Values:
    """Return a `study` part with the values that the policy allows; without a key, values to be hashed are dropped.

    Hashes are hexadecimal, over UTF-8; of an element with several values over all of them with nothing between.
    """
    handled = {
        name: _handled(text, how, key) for name, how in policy.items() if (text := text_of(study, name)) is not None
    }
    return without_none({**study, **handled})


def _handled(value: str, how: Handling, key: bytes | None) -> str | None:
    if how is Handling.STORE:
        return value
    values = value.replace(JOINED, "").encode()
    if how is Handling.SHA256:
        return hashlib.sha256(values).hexdigest()
    if how is Handling.HASH and key:
        return hmac.new(key, values, hashlib.sha256).hexdigest()
    return None
