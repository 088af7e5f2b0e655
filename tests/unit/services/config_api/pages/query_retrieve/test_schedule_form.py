import pytest
from werkzeug.datastructures import MultiDict

from services.config_api.pages.query_retrieve.options_form import InvalidForm, by_field
from services.config_api.pages.query_retrieve.schedule_form import ScheduleForm
from shared.database.models import WhileRunning
from shared.jobs.options import ModalityClass

FILLED_IN = {
    "name": "CT of yesterday", "enabled": "on", "remote_node": "3", "store_node": "5", "cron": "30  2 * * *",
    "time_zone": "Europe/Berlin", "days_ago": "1", "overlap_days": "2", "catch_up_days": "14",
    "while_running": "wait", "modalities": "CT",
}  # fmt: skip


def test_what_is_filled_in_becomes_a_schedule() -> None:
    wanted = ScheduleForm.of(MultiDict(FILLED_IN)).read()
    assert (wanted.name, wanted.enabled, wanted.cron, wanted.time_zone) == (
        "CT of yesterday", True, "30 2 * * *", "Europe/Berlin",
    )  # fmt: skip
    assert (wanted.days_ago, wanted.overlap_days, wanted.catch_up_days) == (1, 2, 14)
    assert wanted.while_running is WhileRunning.WAIT
    assert wanted.options.modalities == (ModalityClass.CT,)


def test_what_is_not_ticked_is_off() -> None:
    given = {name: value for name, value in FILLED_IN.items() if name != "enabled"}
    assert ScheduleForm.of(MultiDict(given)).read().enabled is False


def test_a_new_form_has_the_defaults_of_the_interface() -> None:
    form = ScheduleForm()
    assert (form.enabled, form.days_ago, form.overlap_days, form.catch_up_days) == (True, "1", "0", "14")
    assert form.while_running == "skip"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "at least 1 character"),
        ("cron", "at night", "is not a cron expression"),
        ("cron", "0 25 * * *", "has a wrong hour"),
        ("time_zone", "", "Europe/Berlin"),
        ("time_zone", "Berlin", "Europe/Berlin"),
        ("days_ago", "one", "is not a number of days"),
        ("overlap_days", "-1", "is not a number of days"),
        ("overlap_days", "367", "less than or equal to 366"),
        ("while_running", "both", "'skip' or 'wait'"),
        ("store_node", "", "choose a store node"),
        ("modalities", "US", "choose of CT"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(field: str, typed: str, words: str) -> None:
    with pytest.raises(InvalidForm) as caught:
        ScheduleForm.of(MultiDict(FILLED_IN | {field: typed})).read()
    problems = by_field(caught.value.problems)
    assert list(problems) == [field]
    assert words in problems[field]
