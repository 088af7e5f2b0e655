from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from shared.database.models import QrInstance, QrJob, QrJobState, QrSeries, QrStudy, QrStudyState, RemoteNode, StoreNode
from tests.helpers.config_api.rest import RunningApi, fields

pytestmark = pytest.mark.integration

DAYS = {"date_from": "2026-11-01", "date_until": "2026-11-07"}


@pytest.fixture(autouse=True)
def _nodes(api: RunningApi) -> None:
    api.add(
        RemoteNode(id=3, name="PACS", ae_title="ORTHANC", hostname="pacs", port=104),
        RemoteNode(id=4, name="Old PACS", ae_title="OLDPACS", hostname="old", port=104),
        StoreNode(id=5, name="CT hall", ae_title="DOSEWIRE", port=11112),
        StoreNode(id=6, name="Cath lab", ae_title="DOSEWIRE", port=11113),
    )


def test_a_job_begins_and_its_first_step_is_published(api: RunningApi) -> None:
    job = api.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)
    assert job["state"] == "queued"
    assert job["remote_node"] == {"id": 3, "name": "PACS", "ae_title": "ORTHANC"}
    assert job["store_node"]["name"] == "CT hall"
    assert (job["date_from"], job["date_until"]) == ("2026-11-01", "2026-11-07")
    assert job["progress"]["studies"] == 0
    assert api.get(f"/qr-jobs/{job['id']}") == job
    (queue,) = [one for one in api.get("/queues")["items"] if one["name"] == "qr"]
    assert queue["work"] == 1


@pytest.mark.parametrize("remote_node", [3, "PACS", "ORTHANC"])
def test_nodes_are_named_by_what_people_know(api: RunningApi, remote_node: int | str) -> None:
    job = api.post("/qr-jobs", {"remote_node": remote_node, "store_node": "CT hall", "study_instance_uid": "1.2.3"})
    assert job["remote_node"]["id"] == 3
    assert job["study_instance_uid"] == "1.2.3"


def test_an_unknown_ae_title_is_told_with_those_there_are(api: RunningApi) -> None:
    wrong = fields(api.post("/qr-jobs", {"remote_node": "NOBODY", "store_node": 99} | DAYS, 422))
    assert wrong["remote_node"] == (
        "no remote node has this id, friendly name or AE title; "
        "there are 'Old PACS' (id 4, AE title OLDPACS), 'PACS' (id 3, AE title ORTHANC)"
    )
    assert "no store node has this id" in wrong["store_node"]


def test_an_ae_title_of_several_nodes_names_none(api: RunningApi) -> None:
    wrong = fields(api.post("/qr-jobs", {"remote_node": 3, "store_node": "DOSEWIRE"} | DAYS, 422))
    assert "is the AE title of several nodes" in wrong["store_node"]
    assert "'CT hall' (id 5)" in wrong["store_node"]
    assert "'Cath lab' (id 6)" in wrong["store_node"]


def test_progress_counts_studies_and_objects(api: RunningApi) -> None:
    job_id = api.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)["id"]
    states = [QrStudyState.FOUND, QrStudyState.RETRIEVING, QrStudyState.RETRIEVED, QrStudyState.FAILED]
    with api.context.transaction() as session:
        job = session.scalars(select(QrJob)).one()
        for number, state in enumerate(states):
            uid = f"1.2.{number}"
            session.add(
                QrStudy(job_id=job.id, study_instance_uid=uid, state=state, completed=number, failed=1, reason="so")
            )
    shown = api.get(f"/qr-jobs/{job_id}")
    assert shown["progress"] == {
        "studies": 4, "open": 2, "retrieved": 1, "failed": 1, "cancelled": 0, "skipped": 0,
        "objects_completed": 6, "objects_failed": 4,
    }  # fmt: skip
    assert [study["study_instance_uid"] for study in shown["studies"]] == ["1.2.0", "1.2.1", "1.2.2", "1.2.3"]
    assert shown["studies"][3]["reason"] == "so"
    (listed,) = api.get("/qr-jobs")["items"]
    assert listed["progress"] == shown["progress"]
    assert "studies" not in listed


def test_jobs_come_in_pages_newest_first(api: RunningApi) -> None:
    ids = [api.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/qr-jobs?limit=2{cursor}")
        seen += [job["id"] for job in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ids[::-1]


def test_a_job_is_cancelled_once(api: RunningApi) -> None:
    job_id = api.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)["id"]
    assert api.post(f"/qr-jobs/{job_id}/cancel", status=200)["state"] == "cancelled"
    assert "is over already: it is cancelled" in api.post(f"/qr-jobs/{job_id}/cancel", status=409)["detail"]
    assert [job["id"] for job in api.get("/qr-jobs?state=cancelled")["items"]] == [job_id]
    assert api.get("/qr-jobs?state=queued")["items"] == []


def test_jobs_that_do_not_exist(api: RunningApi) -> None:
    api.get(f"/qr-jobs/{uuid4()}", 404)
    api.post(f"/qr-jobs/{uuid4()}/cancel", status=404)
    api.get("/qr-jobs/7", 404)


def test_a_job_waits_for_a_broker_that_is_away(database_url: str, data_dir: Path) -> None:
    running = RunningApi(database_url=database_url, amqp_url="amqp://x:x@127.0.0.1:1/", data_dir=data_dir)
    job = running.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)
    running.close()
    assert job["state"] == "queued"


def test_options_are_kept_with_the_job(api: RunningApi) -> None:
    options = {"modalities": ["CT", "NM"], "description_exclude": ["Imported"], "review": True}
    job = api.post("/qr-jobs", {"remote_node": 3, "store_node": 5, "options": options} | DAYS)
    shown = api.get(f"/qr-jobs/{job['id']}")["options"]
    assert (shown["modalities"], shown["description_exclude"], shown["review"]) == (["CT", "NM"], ["imported"], True)
    assert shown["include_known"] is False


def test_options_that_make_no_sense_are_refused(api: RunningApi) -> None:
    job = {"remote_node": 3, "store_node": 5} | DAYS
    assert fields(api.post("/qr-jobs", job | {"options": {"modalities": ["US"]}}, 422))
    assert fields(api.post("/qr-jobs", job | {"options": {"modalities": ["SR", "CT"]}}, 422))
    times = {"time_from": "08:00:00", "modalities": ["CT"]}
    assert "times are for a job about one day" in api.post("/qr-jobs", job | {"options": times}, 409)["detail"]


def test_a_reviewed_job_retrieves_what_was_chosen(api: RunningApi) -> None:
    job_id = api.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)["id"]
    assert "does not wait for a review" in api.post(f"/qr-jobs/{job_id}/retrieve", status=409)["detail"]
    with api.context.transaction() as session:
        session.scalars(select(QrJob)).one().state = QrJobState.REVIEW
    assert api.post(f"/qr-jobs/{job_id}/retrieve", status=200)["state"] == "retrieving"


def test_what_failed_is_tried_again(api: RunningApi) -> None:
    job_id = api.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)["id"]
    assert "nothing of the job has failed" in api.post(f"/qr-jobs/{job_id}/retry", status=409)["detail"]
    with api.context.transaction() as session:
        job = session.scalars(select(QrJob)).one()
        job.state = QrJobState.PARTIAL
        for number, state in enumerate([QrStudyState.FAILED, QrStudyState.RETRIEVED]):
            session.add(QrStudy(job_id=job.id, study_instance_uid=f"1.2.{number}", state=state))
    again = api.post(f"/qr-jobs/{job_id}/retry", status=200)
    assert again["state"] == "retrieving"
    assert [study["state"] for study in again["studies"]] == ["found", "retrieved"]


def test_a_study_is_shown_with_what_was_decided_of_its_series(api: RunningApi) -> None:
    job_id = api.post("/qr-jobs", {"remote_node": 3, "store_node": 5} | DAYS)["id"]
    with api.context.transaction() as session:
        study = QrStudy(job_id=UUID(job_id), study_instance_uid="1.2.3", explanation="CT: kept RDSR series 501")
        series = QrSeries(series_instance_uid="1.2.3.4", modality="SR", wanted=True, whole=True, reason="RDSR")
        series.outcome = "1 object received"
        series.instances.append(QrInstance(sop_instance_uid="1.2.3.4.5", wanted=True, reason="RDSR"))
        study.series.append(series)
        session.add(study)
    shown = api.get(f"/qr-jobs/{job_id}/studies/1.2.3")
    assert shown["explanation"] == "CT: kept RDSR series 501"
    assert [(one["modality"], one["wanted"], one["reason"]) for one in shown["series"]] == [("SR", True, "RDSR")]
    assert shown["series"][0]["outcome"] == "1 object received"
    assert [one["sop_instance_uid"] for one in shown["series"][0]["instances"]] == ["1.2.3.4.5"]
    assert "has not found this study" in api.get(f"/qr-jobs/{job_id}/studies/9.9", 404)["detail"]


def test_settings_of_a_remote_node_for_queries(api: RunningApi) -> None:
    given = {"max_associations": 1, "hours_from": "20:00:00", "hours_until": "06:00:00", "modality_key": True}
    given |= {"time_zone": "Europe/Berlin", "tls": True, "tls_name": "pacs.example.org", "tls_check_name": True}
    node = api.patch("/remote-nodes/3", {"qr_settings": given})
    assert given.items() <= node["qr_settings"].items()
    assert api.patch("/remote-nodes/3", {"port": 105})["qr_settings"] == node["qr_settings"]
    wrong = {"time_zone": "Berlin", "tls_name": "no name"}
    problems = fields(api.patch("/remote-nodes/3", {"qr_settings": wrong}, 422))
    assert problems.keys() == {"qr_settings.time_zone", "qr_settings.tls_name"}
    assert "is not a time zone of the IANA database" in problems["qr_settings.time_zone"]
    assert fields(api.patch("/remote-nodes/3", {"qr_settings": {"max_associations": 0}}, 422))
