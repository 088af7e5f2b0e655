"""The identity and the name of equipment."""

from typing import Any

import pytest

from services.importer.reading.equipment import display_name, equipment_identity
from tests.helpers.importer.documents import dose_document

STUDY = {"study_instance_uid": "1.2.3", "manufacturer": "Example Medical", "model": "Spiral One"}


def identity(study: dict[str, Any], uid: str | None = None, model: str | None = None) -> str:
    document = {"study": study, "sr": {"device_observer_uid": uid, "device_observer_model": model}}
    return equipment_identity(dose_document(document)).hash


def test_every_part_of_the_identity_counts() -> None:
    given = identity(STUDY)
    for name in ("institution", "department", "station_name", "device_serial_number", "software_versions"):
        assert identity(STUDY | {name: "x"}) != given
    assert identity(STUDY, uid="1.2.9") != given
    assert identity(STUDY | {"study_description": "Chest"}) == given


@pytest.mark.parametrize("model", ["GE OEC Fluorostar", "oec fluorostar 7900"])
def test_a_uid_that_changes_with_each_study_is_no_part_of_it(model: str) -> None:
    assert identity(STUDY | {"model": model}, uid="1.2.7") == identity(STUDY | {"model": model}, uid="1.2.8")
    assert identity(STUDY, uid="1.2.7", model=model) == identity(STUDY)
    assert identity(STUDY, uid="1.2.7") != identity(STUDY, uid="1.2.8")


def test_nor_is_one_that_is_the_uid_of_the_study() -> None:
    assert identity(STUDY, uid="1.2.3") == identity(STUDY)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"institution": "Example Hospital", "station_name": "CT01"}, "Example Hospital CT01"),
        ({"institution": "Example Hospital", "station_name": None}, "Example Hospital"),
        ({"institution": "", "station_name": "CT01"}, "CT01"),
        ({"institution": None, "station_name": " "}, "Blank"),
        ({}, "Blank"),
        ({"institution": "x" * 300}, "x" * 200),
    ],
)
def test_names_until_somebody_gives_one(row: dict[str, str | None], name: str) -> None:
    assert display_name(row) == name
