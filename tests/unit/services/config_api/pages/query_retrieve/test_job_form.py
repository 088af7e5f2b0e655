from datetime import date, time

import pytest
from werkzeug.datastructures import MultiDict

from services.config_api.actions.query_retrieve.job_input import QrJobInput
from services.config_api.pages.query_retrieve.job_form import JobForm
from services.config_api.pages.query_retrieve.options_form import InvalidForm, by_field
from shared.database.models import QrJob
from shared.jobs.options import JobOptions, ModalityClass

FILLED_IN = {"remote_node": "3", "store_node": "5", "date_from": "2026-11-01", "modalities": "CT"}


def read(**given: str) -> QrJobInput:
    return JobForm.of(MultiDict(FILLED_IN | given)).read()


def wrong(**given: str) -> dict[str, str]:
    with pytest.raises(InvalidForm) as caught:
        read(**given)
    return by_field(caught.value.problems)


def test_one_day() -> None:
    job = read()
    assert (job.remote_node, job.store_node) == (3, 5)
    assert (job.date_from, job.date_until) == (date(2026, 11, 1), date(2026, 11, 1))
    assert job.options == JobOptions(modalities=(ModalityClass.CT,))


def test_several_days() -> None:
    assert read(date_until="2026-11-07").date_until == date(2026, 11, 7)


@pytest.mark.parametrize("until", ["", "2026-11-01"])
def test_a_day_with_times(until: str) -> None:
    options = read(date_until=until, time_from="08:00", time_until="12:30").options
    assert (options.time_from, options.time_until) == (time(8), time(12, 30))


def test_one_study() -> None:
    job = read(date_from="", study_instance_uid=" 1.2.3 ")
    assert (job.study_instance_uid, job.date_from) == ("1.2.3", None)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"date_from": ""}, "date_from", "say from which day on"),
        ({"date_from": "01.11.2026"}, "date_from", "such as 2026-11-21"),
        ({"date_until": "2026-11-31"}, "date_until", "such as 2026-11-21"),
        ({"date_until": "2026-10-31"}, "date_until", "exchange the two"),
        ({"date_until": "2026-11-02", "time_until": "08:00"}, "time_until", "times are for one day"),
        ({"date_from": "", "study_instance_uid": "1.2.3", "time_from": "08:00"}, "time_from", "times are for one day"),
        ({"time_from": "12:00", "time_until": "08:00"}, "time_until", "comes before the first time, 12:00"),
        ({"time_from": "25:00"}, "time_from", "such as 07:30"),
        ({"study_instance_uid": "1.2.3"}, "study_instance_uid", "keep one of them"),
        ({"date_from": "", "study_instance_uid": "1.02"}, "study_instance_uid", "is not a UID"),
        ({"remote_node": ""}, "remote_node", "choose a remote node"),
        ({"modalities": "US"}, "modalities", "choose of CT"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(given: dict[str, str], field: str, words: str) -> None:
    problems = wrong(**given)
    assert list(problems) == [field]
    assert words in problems[field]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidForm) as caught:
        JobForm.of(MultiDict()).read()
    assert set(by_field(caught.value.problems)) == {"remote_node", "store_node", "date_from", "modalities"}
    assert "date_from: is missing" in str(caught.value)


def test_the_form_like_a_job_asks_for_the_same() -> None:
    options = JobOptions(modalities=(ModalityClass.MG,), time_from=time(8), description_include=("screening",))
    job = QrJob(remote_node_id=3, store_node_id=5, date_from=date(2026, 11, 1), date_until=date(2026, 11, 1))
    wanted = JobForm.like(job, options).read()
    assert (wanted.remote_node, wanted.store_node, wanted.date_from, wanted.date_until) == (3, 5, *[job.date_from] * 2)
    assert wanted.options == options
