"""Privacy policy, not-a-patient patterns, ignore rules: set through the interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.config_api.rest import RunningApi, fields

pytestmark = pytest.mark.integration

DEFAULTS = {
    "patient_name": "drop",
    "patient_id": "drop",
    "patient_birth_date": "drop",
    "accession_number": "store",
}
COMMON = {
    ("patient_id", "*phy*"),
    ("patient_id", "*qa*"),
    ("patient_id", "*test*"),
    ("patient_name", "*phys*"),
    ("patient_name", "*qa*"),
    ("patient_name", "*test*"),
}


@pytest.fixture
def api_with_key(database_url: str, amqp_url: str, data_dir: Path) -> Iterator[RunningApi]:
    running = RunningApi(
        database_url=database_url, amqp_url=amqp_url, data_dir=data_dir, privacy_hash_key="0123456789abcdef"
    )
    yield running
    running.close()


# ---- privacy policy


def test_a_put_sets_the_whole_policy(api_with_key: RunningApi) -> None:
    assert api_with_key.get("/privacy-policy") == DEFAULTS
    wanted = {"patient_name": "sha256", "patient_id": "hash", "patient_birth_date": "store", "accession_number": "drop"}
    assert api_with_key.put("/privacy-policy", wanted) == wanted
    assert api_with_key.get("/privacy-policy") == wanted
    assert api_with_key.put("/privacy-policy", {"patient_name": "store"}) == DEFAULTS | {"patient_name": "store"}
    assert api_with_key.get("/privacy-policy") == DEFAULTS | {"patient_name": "store"}


def test_what_cannot_be_done_is_refused_in_words(api: RunningApi, api_with_key: RunningApi) -> None:
    found = fields(api.put("/privacy-policy", {"patient_id": "hash", "accession_number": "hash"}, 422))
    assert set(found) == {"patient_id", "accession_number"}
    assert all("DOSEWIRE_PRIVACY_HASH_KEY" in detail for detail in found.values())
    assert api.get("/privacy-policy") == DEFAULTS
    assert api.put("/privacy-policy", {"patient_id": "sha256"})["patient_id"] == "sha256"
    for how in ("hash", "sha256"):
        found = fields(api_with_key.put("/privacy-policy", {"patient_birth_date": how}, 422))
        assert "a hash is no date" in found["patient_birth_date"]
    assert set(fields(api.put("/privacy-policy", {"patient_id": "mask", "patient_sex": "drop"}, 422))) == {
        "patient_id",
        "patient_sex",
    }


# ---- not-a-patient patterns


def patterns(api: RunningApi) -> dict[tuple[str, str], int]:
    return {(item["field"], item["pattern"]): item["id"] for item in api.get("/not-patient-patterns")["items"]}


def test_the_common_patterns_are_there_and_can_go(api: RunningApi) -> None:
    known = patterns(api)
    assert set(known) == COMMON
    for id_ in known.values():
        api.delete(f"/not-patient-patterns/{id_}")
    assert patterns(api) == {}
    assert "lists them" in api.delete(f"/not-patient-patterns/{id_}", 404)["detail"]


def test_patterns_are_made_changed_and_unique(api: RunningApi) -> None:
    made = api.post("/not-patient-patterns", {"field": "patient_id", "pattern": " Phantom[0-9]* "})
    assert made["pattern"] == "phantom[0-9]*"
    path = f"/not-patient-patterns/{made['id']}"
    assert api.get(path) == made
    assert api.patch(path, {"field": "patient_name"}) == made | {"field": "patient_name"}
    assert api.patch(path, {"pattern": "PHANTOM*"}) == made | {"field": "patient_name", "pattern": "phantom*"}
    assert api.patch(path, {"pattern": "phantom*"})["pattern"] == "phantom*"
    assert "there already" in fields(api.patch(path, {"pattern": "*qa*"}, 409))["pattern"]
    assert (
        "there already"
        in fields(api.post("/not-patient-patterns", {"field": "patient_id", "pattern": "*QA*"}, 409))["pattern"]
    )
    assert set(fields(api.post("/not-patient-patterns", {"field": "patient_sex", "pattern": ""}, 422))) == {
        "field",
        "pattern",
    }
    assert set(fields(api.patch(path, {"pattern": None}, 422))) == {"pattern"}


# ---- ignore rules


def test_rules_are_made_changed_and_deleted(api: RunningApi) -> None:
    assert api.get("/ignore-rules") == {"items": []}
    rule = api.post("/ignore-rules", {"name": "Simulator", "manufacturer": "Example*", "station_name": "SIM?"})
    path = f"/ignore-rules/{rule['id']}"
    assert rule["manufacturer"] == "Example*"
    assert rule["model"] is None
    assert api.get("/ignore-rules")["items"] == [rule]
    changed = api.patch(path, {"station_name": None, "model": "Spiral*"})
    assert (changed["manufacturer"], changed["station_name"], changed["model"]) == ("Example*", None, "Spiral*")
    assert api.get(path) == changed
    api.delete(path)
    api.get(path, 404)


def test_a_rule_has_to_say_something_and_a_name_of_its_own(api: RunningApi) -> None:
    problem = api.post("/ignore-rules", {"name": "Everything"}, 422)
    assert "everything would be ignored" in problem["detail"]
    first = api.post("/ignore-rules", {"name": "First", "model": "x"})
    second = api.post("/ignore-rules", {"name": "Second", "model": "x"})
    assert "another rule" in fields(api.post("/ignore-rules", {"name": "First", "model": "y"}, 409))["name"]
    assert "another rule" in fields(api.patch(f"/ignore-rules/{second['id']}", {"name": "First"}, 409))["name"]
    assert "everything" in api.patch(f"/ignore-rules/{first['id']}", {"model": None}, 422)["detail"]
    assert api.get(f"/ignore-rules/{first['id']}")["model"] == "x"
