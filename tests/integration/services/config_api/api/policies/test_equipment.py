"""Policies and equipment end to end: set through the interface, acted on by an importer, seen in the interface."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.importer.handling.handler import Importer
from tests.helpers.config_api.rest import RunningApi
from tests.helpers.importer.in_process import Workbench
from tools.dose_objects import Patient, Study, ct_report, fluoroscopy_report, radiography_report
from tools.dose_objects.projection import ANGIOGRAPHY

pytestmark = pytest.mark.integration

KEY = "0123456789abcdef"


@pytest.fixture
def workbench(database_url: str, data_dir: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    bench.importer = Importer(
        engine=bench.engine, spool=bench.spool, health=bench.health, privacy_hash_key=KEY.encode()
    )
    yield bench
    bench.close()


@pytest.fixture
def api(database_url: str, amqp_url: str, data_dir: Path) -> Iterator[RunningApi]:
    running = RunningApi(database_url=database_url, amqp_url=amqp_url, data_dir=data_dir, privacy_hash_key=KEY)
    yield running
    running.close()


def modalities(api: RunningApi) -> list[str]:
    return [study["modality"] for study in api.get("/studies")["items"]]


def document(api: RunningApi, number: int = 0) -> dict[str, Any]:
    return api.get(f"/studies/{api.get('/studies')['items'][number]['id']}")


def test_the_privacy_policy_acts_on_what_comes_next(api: RunningApi, workbench: Workbench) -> None:
    workbench.send(ct_report(study=Study(seed=1)))
    api.put("/privacy-policy", {"patient_name": "sha256", "patient_id": "hash", "patient_birth_date": "store"})
    workbench.send(ct_report(study=Study(seed=2)))
    study = document(api)["study"]
    assert study["patient_name"] == hashlib.sha256(b"Muster^Erika").hexdigest()
    assert study["patient_id"] == hmac.new(KEY.encode(), b"DW-0001", hashlib.sha256).hexdigest()
    assert study["patient_birth_date"] == "1967-04-12"
    assert document(api, 1)["study"].keys().isdisjoint({"patient_name", "patient_id", "patient_birth_date"})


def test_patterns_are_asked_before_names_are_taken_away(api: RunningApi, workbench: Workbench) -> None:
    phantom = Patient(name="QA^Daily", id="TEST-7")
    workbench.send(ct_report(study=Study(seed=1, patient=phantom)), ct_report(study=Study(seed=2)))
    assert document(api, 1)["outcome"]["not_patient"] == {
        "matched": True,
        "text": "IDs: *test* | Names: *qa*",
        "matched_id_patterns": ["*test*"],
        "matched_name_patterns": ["*qa*"],
    }
    assert "patient_name" not in document(api, 1)["study"]
    assert "not_patient" not in document(api)["outcome"]
    assert [study["not_patient"] for study in api.get("/studies?not_patient=true")["items"]] == [
        "IDs: *test* | Names: *qa*"
    ]
    assert [study["not_patient"] for study in api.get("/studies?not_patient=false")["items"]] == [None]
    page = api.client.get(f"/studies/{api.get('/studies?not_patient=true')['items'][0]['id']}").text
    assert "Not a patient, by the patterns IDs: *test* | Names: *qa*" in page


def test_what_a_rule_describes_is_refused_and_leaves_no_equipment(api: RunningApi, workbench: Workbench) -> None:
    rule = api.post("/ignore-rules", {"name": "Old CT", "manufacturer": "EXAMPLE*", "station_name": "ct0?"})
    api.put("/deletion-policies/refused", {"disposition": "delete"})
    (message,) = workbench.send(ct_report(study=Study(seed=1)))
    assert workbench.outcome(message) == ("refused", None)
    shown = api.get(f"/received-objects/{message.trace_id}")
    assert shown["reason"] == "the ignore rule 'Old CT' applies: manufacturer EXAMPLE*, station name ct0?"
    assert api.get("/studies")["items"] == []
    assert api.get("/equipment")["items"] == []
    assert workbench.spool.find(message.trace_id) is None
    workbench.send(fluoroscopy_report(study=Study(seed=2)))
    api.delete(f"/ignore-rules/{rule['id']}")
    workbench.send(ct_report(study=Study(seed=3)))
    assert modalities(api) == ["CT", "RF"]


def test_flags_are_served_searched_for_and_shown(api: RunningApi, workbench: Workbench) -> None:
    unborn = Patient(birth_date="20990101", age="")
    workbench.send(ct_report(study=Study(seed=1, patient=unborn)), ct_report(study=Study(seed=2)))
    (flag,) = document(api, 1)["outcome"]["flags"]
    assert flag == {"flag": "age_negative", "detail": "the patient's birth date is after the study"}
    (found,) = api.get("/studies?flag=age_negative")["items"]
    assert found["flags"] == ["age_negative"]
    assert document(api)["outcome"]["flags"] == []
    assert api.get("/studies?flag=total_differs")["items"] == []
    assert "must be one of" in api.get("/studies?flag=odd", 422)["detail"]
    assert "birth date is after the study" in api.client.get(f"/studies/{found['id']}").text


# ---- equipment


def test_equipment_gets_a_name_and_keeps_what_people_say_after_an_upgrade(
    api: RunningApi, workbench: Workbench
) -> None:
    workbench.send(fluoroscopy_report(study=Study(seed=1)))
    (equipment,) = api.get("/equipment")["items"]
    assert equipment["display_name"] == "Example Hospital XA01"
    assert equipment["user_modality"] is None
    path = f"/equipment/{equipment['id']}"
    changed = api.patch(path, {"display_name": " Angio, room 3 ", "user_modality": "dx"})
    assert changed == equipment | {"display_name": "Angio, room 3", "user_modality": "dx"}
    assert api.get(path) == changed
    upgraded = replace(ANGIOGRAPHY, software_versions="VB20")
    other = replace(ANGIOGRAPHY, station_name="XA09")
    workbench.send(
        fluoroscopy_report(study=Study(seed=2), equipment=upgraded),
        fluoroscopy_report(study=Study(seed=3), equipment=other),
    )
    rows = {(row["station_name"], row["software_versions"]): row for row in api.get("/equipment")["items"]}
    assert rows["XA01", "VB20"]["display_name"] == "Angio, room 3"
    assert rows["XA01", "VB20"]["user_modality"] == "dx"
    assert rows["XA09", "VA10A"]["user_modality"] is None
    assert modalities(api) == ["RF", "DX", "DX"]
    assert [study["id"] for study in api.get(f"/studies?equipment_id={equipment['id']}")["items"]] == [1]
    assert api.get("/studies?equipment_id=1")["items"][0]["display_name"] == "Angio, room 3"


def test_a_user_modality_relabels_both_ways_and_is_taken_back(api: RunningApi, workbench: Workbench) -> None:
    workbench.send(
        fluoroscopy_report(study=Study(seed=1), equipment=ANGIOGRAPHY),
        radiography_report(study=Study(seed=2), equipment=ANGIOGRAPHY),
        ct_report(study=Study(seed=3), equipment=ANGIOGRAPHY),
    )
    equipment = {row["device_observer_uid"]: row["id"] for row in api.get("/equipment")["items"]}
    assert len(equipment) == 1, "the same device"
    path = f"/equipment/{next(iter(equipment.values()))}"
    assert modalities(api) == ["CT", "DX", "RF"]
    api.patch(path, {"user_modality": "rf"})
    assert modalities(api) == ["CT", "RF", "RF"]
    assert document(api, 1)["study"]["modality"] == "RF"
    assert document(api, 1)["study"]["modality_by_content"] == "DX"
    assert "modality_by_content" not in document(api, 2)["study"]
    api.patch(path, {"user_modality": "dx"})
    assert modalities(api) == ["CT", "DX", "DX"]
    workbench.send(fluoroscopy_report(study=Study(seed=4), equipment=ANGIOGRAPHY))
    assert modalities(api) == ["DX", "CT", "DX", "DX"]
    for user_modality in ("dual", None):
        api.patch(path, {"user_modality": "rf"})
        api.patch(path, {"user_modality": user_modality})
        assert modalities(api) == ["RF", "CT", "DX", "RF"]


def test_equipment_that_is_not_there_and_names_that_are_none(api: RunningApi, workbench: Workbench) -> None:
    api.get("/equipment/7", 404)
    api.patch("/equipment/7", {"user_modality": "dx"}, 404)
    workbench.send(ct_report(study=Study(seed=1)))
    path = f"/equipment/{api.get('/equipment')['items'][0]['id']}"
    for body in ({"display_name": None}, {"display_name": " "}, {"user_modality": "ct"}, {"model": "x"}):
        api.patch(path, body, 422)
