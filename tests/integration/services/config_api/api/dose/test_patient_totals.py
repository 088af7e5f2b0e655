"""The totals of a patient with several fluoroscopy studies."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from shared.database.models import Handling
from tests.helpers.config_api.rest import RunningApi
from tests.helpers.importer.in_process import Workbench
from tools.dose_objects import Patient, Study, ct_report, fluoroscopy_report, radiography_report

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 20)


@pytest.fixture
def workbench(database_url: str, data_dir: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    yield bench
    bench.close()


def on(days_before: int, report: Any = fluoroscopy_report, **study: Any) -> Dataset:
    """Return a report of a study of its own, that many days before the day."""
    dataset: Dataset = report(study=Study(seed=100 + days_before, **study))
    dataset.StudyDate = f"{DAY - timedelta(days=days_before):%Y%m%d}"
    return dataset


def study_of(api: RunningApi, dataset: Dataset) -> dict[str, Any]:
    (listed,) = api.get(f"/studies?study_instance_uid={dataset.StudyInstanceUID}")["items"]
    return dict(listed)


def test_the_studies_of_the_days_add_up(api: RunningApi, workbench: Workbench) -> None:
    workbench.set_privacy_policy(patient_id=Handling.SHA256)
    today, earlier, first, too_early = (on(days) for days in (0, 3, 14, 15))
    others = [
        on(1, patient=Patient(name="Other^One", id="DW-0002")),
        on(2, ct_report),
        on(4, radiography_report),
        on(-1),
    ]
    workbench.send(today, too_early, *others, first, earlier)
    counted = [study_of(api, dataset) for dataset in (first, earlier, today)]

    totals = api.get(f"/studies/{counted[-1]['id']}/patient-totals")

    assert [one["study_id"] for one in totals["studies"]] == [study["id"] for study in counted]
    assert (totals["date_from"], totals["date_until"]) == ("2026-03-06", "2026-03-20")
    for name in ("total_dap_gy_m2", "total_rp_dose_gy"):
        assert totals[name] == pytest.approx(sum(study[name] for study in counted))
    xray = api.get(f"/studies/{counted[-1]['id']}")["xray"]
    assert xray["patient_total_dap_over_14_days_gy_m2"] == totals["total_dap_gy_m2"]
    assert xray["patient_total_rp_dose_over_14_days_gy"] == totals["total_rp_dose_gy"]
    assert len(api.get(f"/studies/{counted[-1]['id']}/patient-totals?days=15")["studies"]) == 4
    assert len(api.get(f"/studies/{counted[-1]['id']}/patient-totals?days=0")["studies"]) == 1
    page = api.client.get(f"/studies/{counted[-1]['id']}").text
    assert "Patient total DAP over 14 days" in page


def test_where_there_are_none(api: RunningApi, workbench: Workbench) -> None:
    workbench.send(unnamed := on(0))
    workbench.set_privacy_policy(patient_id=Handling.STORE)
    workbench.send(ct := on(1, ct_report), radiograph := on(2, radiography_report))
    for dataset in (unnamed, ct, radiograph):
        study_id = study_of(api, dataset)["id"]
        assert "no patient totals" in api.get(f"/studies/{study_id}/patient-totals", 404)["detail"]
        assert not any(key.startswith("patient_total") for key in api.get(f"/studies/{study_id}").get("xray", {}))
    api.get("/studies/4711/patient-totals", 404)
    api.get("/studies/1/patient-totals?days=-1", 422)
    api.get("/studies/1/patient-totals?days=4000", 422)
