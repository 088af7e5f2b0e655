"""The pages of query/retrieve jobs."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.config_api.actions.query_retrieve import job_studies
from services.config_api.pages.query_retrieve import job_rows
from shared.database.models import (
    QrInstance,
    QrJob,
    QrJobState,
    QrSchedule,
    QrSeries,
    QrStudy,
    QrStudyState,
    RemoteNode,
    StoreNode,
)
from tests.helpers.config_api.pages import page, send, send_wrong, words_of
from tests.helpers.config_api.rest import RunningApi

pytestmark = pytest.mark.integration

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
FILLED_IN: dict[str, object] = {
    "remote_node": "3",
    "store_node": "5",
    "date_from": "2026-11-01",
    "modalities": ["CT", "NM"],
}


@pytest.fixture(autouse=True)
def _nodes(api: RunningApi) -> None:
    api.add(
        RemoteNode(id=3, name="PACS", ae_title="ORTHANC", hostname="pacs", port=104),
        RemoteNode(id=4, name="Old PACS", ae_title="OLDPACS", hostname="old", port=104),
        StoreNode(id=5, name="CT hall", ae_title="DOSEWIRE", port=11112),
    )


def add_job(api: RunningApi, state: QrJobState = QrJobState.COMPLETE, **values: Any) -> UUID:
    day = date(2026, 11, 1)
    given = {"date_from": day, "date_until": day, "options": {"modalities": ["CT"]}}
    job = QrJob(id=uuid4(), remote_node_id=3, store_node_id=5, state=state, **(given | values))
    api.add(job)
    return job.id


def add_study(api: RunningApi, job_id: UUID, number: int, state: QrStudyState, **values: Any) -> str:
    uid = f"1.2.{number}"
    api.add(QrStudy(job_id=job_id, study_instance_uid=uid, state=state, **values))
    return uid


def test_an_empty_list_says_what_to_do(api: RunningApi) -> None:
    shown = words_of(page(api, "/qr"))
    assert "No job yet." in shown
    assert "No schedule yet." in shown
    assert "PACS" in shown
    assert "CT hall" in shown


def test_a_form_begins_the_job_that_rest_shows(api: RunningApi) -> None:
    location = send(api, "/qr/new", FILLED_IN | {"description_exclude": "Imported, Test", "review": "on"})
    [job] = api.get("/qr-jobs")["items"]
    assert location == f"/qr/{job['id']}"
    assert (job["remote_node"]["id"], job["store_node"]["id"]) == (3, 5)
    assert (job["date_from"], job["date_until"]) == ("2026-11-01", "2026-11-01")
    assert job["options"]["modalities"] == ["CT", "NM"]
    assert (job["options"]["description_exclude"], job["options"]["review"]) == (["imported", "test"], True)
    [queue] = [one for one in api.get("/queues")["items"] if one["name"] == "qr"]
    assert queue["work"] == 1
    shown = words_of(page(api, location))
    assert "CT, NM of 2026-11-01" in shown
    assert "PACS to CT hall" in shown
    assert "Description does not hold: imported or test" in shown
    assert "queued" in shown


def test_what_is_wrong_is_said_at_its_field_and_everything_typed_is_kept(api: RunningApi) -> None:
    typed = {
        "remote_node": "4", "date_from": "2026-11-07", "date_until": "2026-11-01", "description_include": HOSTILE,
        "modalities": ["MG", "DX"], "empty_sr": "on",
    }  # fmt: skip
    html = send_wrong(api, "/qr/new", typed)
    assert 'id="date_until-wrong"' in html
    assert "comes before the first day, 2026-11-07" in words_of(html)
    assert re.search(r'<input id="date_until"[^>]*value="2026-11-01"[^>]*aria-invalid="true"', html)
    assert '<option value="4" selected>' in html
    assert re.search(r'value="MG" checked', html)
    assert re.search(r'value="DX" checked', html)
    assert not re.search(r'value="CT" checked', html)
    assert re.search(r'id="empty_sr"[^>]* checked', html)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert api.get("/qr-jobs")["items"] == []


def test_a_node_that_was_deleted_meanwhile(api: RunningApi) -> None:
    html = send_wrong(api, "/qr/new", FILLED_IN | {"remote_node": "99"})
    assert 'id="remote_node-wrong"' in html
    assert "no remote node has this id" in words_of(html)


def test_without_nodes_the_form_says_what_is_missing(api: RunningApi) -> None:
    with api.context.transaction() as session:
        for node in session.scalars(select(RemoteNode)):
            session.delete(node)
    assert "dosewire nodes add-remote NAME AETITLE HOST PORT" in words_of(page(api, "/qr/new"))


def test_a_form_like_an_earlier_job(api: RunningApi) -> None:
    options = {"modalities": ["FL"], "station_name_include": ["xa01"], "time_from": "08:00:00"}
    html = page(api, f"/qr/new?like={add_job(api, options=options)}")
    assert '<option value="3" selected>' in html
    assert re.search(r'value="FL" checked', html)
    assert 'value="xa01"' in html
    assert 'value="08:00"' in html
    page(api, f"/qr/new?like={uuid4()}", 404)


def test_the_history_shows_each_job_with_its_counts_and_who_began_it(api: RunningApi) -> None:
    api.add(
        QrSchedule(
            id=7, name="Every night", remote_node_id=3, store_node_id=5, cron="0 2 * * *", time_zone="UTC",
            next_run_at=datetime(2030, 1, 1, tzinfo=UTC),
        )
    )  # fmt: skip
    by_hand = add_job(api, QrJobState.PARTIAL, state_detail="1 of 3 studies failed; the node answers twice")
    add_job(api, schedule_id=7)
    for number, state in enumerate([QrStudyState.RETRIEVED, QrStudyState.FAILED, QrStudyState.SKIPPED]):
        add_study(api, by_hand, number, state)
    html = page(api, "/qr")
    shown = words_of(html)
    assert "the node answers twice" in shown
    assert "by a person" in shown
    assert "by schedule Every night" in shown
    assert ">3</td>" in html
    failed = words_of(page(api, "/qr?show=failed"))
    assert "by a person" in failed
    assert "by schedule Every night" not in failed
    of_schedule = words_of(page(api, "/qr?schedule=7"))
    assert "by a person" not in of_schedule
    page(api, "/qr?show=nothing", 404)


def test_the_history_comes_in_pages(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_rows, "JOBS", 2)
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    for number in range(5):
        add_job(api, created_at=moment + timedelta(hours=number), study_instance_uid=f"1.2.{number}",
                date_from=None, date_until=None)  # fmt: skip
    seen: list[str] = []
    path: str | None = "/qr"
    while path is not None:
        html = page(api, path)
        seen += re.findall(r"study (1\.2\.\d)</a>", html)
        older = re.search(r'id="older-jobs" href="([^"]+)"', html)
        path = older[1].replace("&amp;", "&") if older else None
    assert seen == ["1.2.4", "1.2.3", "1.2.2", "1.2.1", "1.2.0"]
    assert "is not a cursor" in words_of(page(api, "/qr?cursor=x", 422))


def test_a_job_says_what_was_not_answered_and_offers_a_retry(api: RunningApi) -> None:
    job_id = add_job(api, QrJobState.PARTIAL, unanswered=["2026-11-01, from 08:00"], state_detail="it is incomplete")
    failed = add_study(api, job_id, 1, QrStudyState.FAILED, reason="the node refuses it", failed=2, completed=1)
    html = page(api, f"/qr/{job_id}")
    shown = words_of(html)
    assert "PACS has not answered for these" in shown
    assert "2026-11-01, from 08:00" in shown
    assert "the node refuses it" in shown
    assert f'href="/qr/{job_id}/studies/{failed}"' in html
    assert "Cancel the job" not in shown
    assert send(api, f"/qr/{job_id}/retry") == f"/qr/{job_id}"
    assert api.get(f"/qr-jobs/{job_id}")["state"] == "queued"
    assert "Cancel the job" in words_of(page(api, f"/qr/{job_id}/parts/progress"))


def test_a_job_that_was_reviewed_retrieves(api: RunningApi) -> None:
    job_id = add_job(api, QrJobState.REVIEW)
    shown = words_of(page(api, f"/qr/{job_id}"))
    assert "Retrieve what was chosen" in shown
    assert "Cancel the job" in shown
    send(api, f"/qr/{job_id}/retrieve")
    assert api.get(f"/qr-jobs/{job_id}")["state"] == "retrieving"


def test_what_comes_too_late_is_refused_in_words(api: RunningApi) -> None:
    job_id = add_job(api)
    shown = words_of(send_wrong(api, f"/qr/{job_id}/cancel", status=409))
    assert "Not done: the job is over already: it is complete." in shown
    assert "CT of 2026-11-01" in shown
    again = api.client.get(f"/qr/{job_id}/cancel")
    assert (again.status_code, again.headers["Location"]) == (303, f"/qr/{job_id}")
    job_id = add_job(api, QrJobState.RETRIEVING)
    send(api, f"/qr/{job_id}/cancel")
    assert api.get(f"/qr-jobs/{job_id}")["state"] == "cancelled"


def test_a_job_that_is_not_there(api: RunningApi) -> None:
    for path in (f"/qr/{uuid4()}", f"/qr/{uuid4()}/parts/progress", f"/qr/{uuid4()}/studies/1.2"):
        assert "there is no query/retrieve job" in page(api, path, 404)
    send_wrong(api, f"/qr/{uuid4()}/cancel", status=404)
    send_wrong(api, f"/qr/{uuid4()}/explode", status=404)


def test_studies_come_in_pages_and_by_state(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_studies, "STUDIES", 2)
    job_id = add_job(api)
    states = [QrStudyState.RETRIEVED, QrStudyState.FAILED, QrStudyState.RETRIEVED, QrStudyState.SKIPPED]
    for number, state in enumerate([*states, QrStudyState.RETRIEVED]):
        add_study(api, job_id, number, state)

    def walk(path: str | None) -> list[str]:
        seen: list[str] = []
        while path is not None:
            html = page(api, path)
            seen += re.findall(r"studies/(1\.2\.\d)\"", html)
            following = re.search(r'id="next-studies" href="([^"#]+)', html)
            path = following[1].replace("&amp;", "&") if following else None
        return seen

    assert walk(f"/qr/{job_id}") == [f"1.2.{number}" for number in range(5)]
    assert walk(f"/qr/{job_id}?state=retrieved") == ["1.2.0", "1.2.2", "1.2.4"]
    shown = words_of(page(api, f"/qr/{job_id}/parts/studies?state=failed"))
    assert "all 5" in shown
    assert "retrieved 3" in shown
    assert "No study in this state." in words_of(page(api, f"/qr/{job_id}?state=found"))
    page(api, f"/qr/{job_id}?state=nonsense&after=x")


def test_a_study_is_explained_down_to_its_instances(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_studies, "INSTANCES", 2)
    job_id = add_job(api)
    study = QrStudy(
        job_id=job_id, study_instance_uid="1.2.3", study_date="20261101", study_time="083000",
        modalities_in_study="CT\\SR", study_description="CT Thorax", state=QrStudyState.RETRIEVED,
        explanation="CT: kept RDSR series 501", completed=1,
    )  # fmt: skip
    report = QrSeries(
        series_instance_uid="1.2.3.4", modality="SR", series_number=501, wanted=True, whole=False, reason="RDSR",
        outcome="1 object received",
    )  # fmt: skip
    images = QrSeries(
        series_instance_uid="1.2.3.5",
        modality="CT",
        series_number=2,
        wanted=False,
        whole=False,
        reason="not needed: RDSR",
    )
    for number in range(3):
        report.instances.append(
            QrInstance(
                sop_instance_uid=f"1.2.3.4.{number}", instance_number=number, wanted=number == 2, reason="as the first",
                sop_class_uid="1.2.840.10008.5.1.4.1.1.88.67",
            )
        )  # fmt: skip
    study.series.extend([report, images])
    api.add(study)
    for path in (f"/qr/{job_id}/studies/1.2.3", f"/qr/{job_id}/parts/studies/1.2.3"):
        html = page(api, path)
        shown = words_of(html)
        assert shown.index("not needed: RDSR") < shown.index("1 of it wanted")
        assert "CT: kept RDSR series 501" in shown
        assert "1 object received" in shown
        assert "Instances: 3, of them wanted: 1" in shown
        assert "X-Ray Radiation Dose SR Storage" in shown
        # Those that are wanted come first where not all are shown.
        assert re.findall(r">(1\.2\.3\.4\.\d)<", html) == ["1.2.3.4.2", "1.2.3.4.0"]
        assert "1 more are in the JSON" in shown
    assert "CT Thorax" in words_of(page(api, f"/qr/{job_id}/studies/1.2.3"))
    for uid in ("1.2.4", "x", "%00"):
        assert "has not found this study" in page(api, f"/qr/{job_id}/studies/{uid}", 404)


def test_what_a_node_says_is_text_and_nothing_else(api: RunningApi) -> None:
    job_id = add_job(api, QrJobState.FAILED, state_detail=HOSTILE, unanswered=[HOSTILE],
                     options={"modalities": ["CT"], "description_include": [HOSTILE]})  # fmt: skip
    study = QrStudy(
        job_id=job_id, study_instance_uid="1.2.3", study_description=HOSTILE, station_name=HOSTILE,
        study_date=HOSTILE[:16], modalities_in_study=HOSTILE, explanation=HOSTILE, reason=HOSTILE + "!",
        state=QrStudyState.FAILED,
    )  # fmt: skip
    study.series.append(
        QrSeries(series_instance_uid="1.2.3.4", modality=HOSTILE, series_description=HOSTILE, wanted=True, whole=True,
                 reason=HOSTILE, outcome=HOSTILE)
    )  # fmt: skip
    api.add(study)
    for path in ("/qr", f"/qr/{job_id}", f"/qr/{job_id}/studies/1.2.3", f"/qr/new?like={job_id}"):
        html = page(api, path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;alert(1)" in html
