"""The parts of a patient's identity that are stored."""

import hashlib
import hmac

import pytest

from services.importer.policies.privacy import DEFAULTS, withhold
from shared.database.models import Handling

STUDY = {
    "patient_name": "Müller | Smith",
    "patient_id": "1234567a",
    "patient_birth_date": "1967-04-12",
    "accession_number": "A1",
    "patient_sex": "F",
}
EVERYTHING = dict.fromkeys(DEFAULTS, Handling.STORE)


def test_by_default_name_id_and_birth_date_are_dropped() -> None:
    assert withhold(STUDY, DEFAULTS, key=b"k") == {"accession_number": "A1", "patient_sex": "F"}


def test_what_may_be_stored_is_stored_as_it_is() -> None:
    assert withhold(STUDY, EVERYTHING, key=None) == STUDY


@pytest.mark.parametrize("name", ["patient_name", "patient_id", "accession_number"])
def test_a_hash_is_keyed_and_over_the_values_without_separator(name: str) -> None:
    stored = withhold(STUDY, {**EVERYTHING, name: Handling.HASH}, key=b"secret")
    plain = STUDY[name].replace(" | ", "")
    assert stored == {**STUDY, name: hmac.new(b"secret", plain.encode(), hashlib.sha256).hexdigest()}


@pytest.mark.parametrize("name", ["patient_name", "patient_id", "accession_number"])
def test_a_plain_sha256_is_what_other_systems_have(name: str) -> None:
    stored = withhold(STUDY, {**EVERYTHING, name: Handling.SHA256}, key=None)
    plain = STUDY[name].replace(" | ", "")
    assert stored == {**STUDY, name: hashlib.sha256(plain.encode()).hexdigest()}


def test_without_a_key_what_is_to_be_hashed_is_dropped() -> None:
    assert "patient_id" not in withhold(STUDY, {**EVERYTHING, "patient_id": Handling.HASH}, key=None)


def test_nothing_appears_that_was_not_there() -> None:
    assert withhold({"patient_sex": "F"}, EVERYTHING, key=b"k") == {"patient_sex": "F"}
