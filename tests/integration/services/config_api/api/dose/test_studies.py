from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.importer.extract import extract
from tests.helpers.config_api.rest import RunningApi
from tests.helpers.importer.in_process import Workbench
from tools.dose_objects import Study, ct_report, fluoroscopy_report, write

pytestmark = pytest.mark.integration

WITHHELD = ("patient_name", "patient_id", "patient_birth_date")
"""What the privacy policy does not store unless somebody says so."""


@pytest.fixture
def workbench(database_url: str, data_dir: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    yield bench
    bench.close()


def extracted(path: Path) -> dict[str, Any]:
    document = extract(path).to_json()
    return document | {
        "study": {key: value for key, value in document["study"].items() if key not in WITHHELD},
        "outcome": document["outcome"] | {"processed_sop_instance_uids": [document["object"]["sop_instance_uid"]]},
    }


def ids(page: dict[str, Any]) -> list[int]:
    return [study["id"] for study in page["items"]]


@pytest.mark.parametrize("report", [ct_report, fluoroscopy_report])
def test_a_stored_study_is_what_extract_prints(
    api: RunningApi, workbench: Workbench, tmp_path: Path, report: Any
) -> None:
    path = write(report(), tmp_path / "report.dcm")
    workbench.send(path)
    (study_id,) = ids(api.get("/studies"))
    assert api.get(f"/studies/{study_id}") == extracted(path)


def test_the_list_has_what_a_study_is_known_by(api: RunningApi, workbench: Workbench, tmp_path: Path) -> None:
    path = write(ct_report(), tmp_path / "report.dcm")
    workbench.send(path)
    document = extracted(path)
    (study,) = api.get("/studies")["items"]
    assert study["study_instance_uid"] == document["study"]["study_instance_uid"]
    assert study["modality"] == "CT"
    assert study["station_name"] == document["study"]["station_name"]
    assert study["events_count"] == len(document["ct"]["events"])
    assert study["total_dlp_mgy_cm"] == document["ct"]["total_dlp_mgy_cm"]
    assert study["total_dap_gy_m2"] is None
    assert not [key for key in study if key.startswith("patient")]


def test_filters_and_pages(api: RunningApi, workbench: Workbench) -> None:
    workbench.send(*(ct_report(study=Study(seed=number)) for number in (21, 22, 23)), fluoroscopy_report())
    everything = ids(api.get("/studies"))
    assert everything == sorted(everything, reverse=True)
    assert len(everything) == 4
    ct = api.get("/studies?modality=CT")["items"]
    assert len(ct) == 3
    day, station, uid = ct[0]["study_date"], ct[0]["station_name"], ct[0]["study_instance_uid"]
    assert ids(api.get(f"/studies?study_instance_uid={uid}")) == [ct[0]["id"]]
    assert len(ids(api.get(f"/studies?station_name={station}"))) == 3
    assert ct[0]["id"] in ids(api.get(f"/studies?study_date_from={day}&study_date_until={day}"))
    assert ids(api.get("/studies?study_date_until=1999-12-31")) == []
    assert ids(api.get("/studies?modality=NM")) == []
    seen: list[int] = []
    before = ""
    while True:
        page = api.get(f"/studies?limit=3{before}")
        seen += ids(page)
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert seen == everything


def test_studies_that_do_not_exist(api: RunningApi) -> None:
    assert "there is no study 7" in api.get("/studies/7", 404)["detail"]
    api.get(f"/studies/{2**63}", 422)
    api.get("/studies/x", 404)
