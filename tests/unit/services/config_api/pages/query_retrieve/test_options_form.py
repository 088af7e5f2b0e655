import pytest
from werkzeug.datastructures import MultiDict

from services.config_api.pages.query_retrieve.options_form import OptionsForm, by_field, read_node, read_time, text
from services.config_api.web.problem import FieldProblem
from shared.jobs.options import JobOptions, ModalityClass


def form(*modalities: str, **given: str) -> OptionsForm:
    return OptionsForm.of(MultiDict([*(("modalities", one) for one in modalities), *given.items()]))


def test_what_is_ticked_and_typed_becomes_options() -> None:
    given = form("CT", "NM", description_exclude=" Imported, ,TEST ", legacy_ct="on", review="on")
    assert given.problems() == []
    options = JobOptions.model_validate(given.values())
    assert options.modalities == (ModalityClass.CT, ModalityClass.NM)
    assert options.description_exclude == ("imported", "test")
    assert (options.legacy_ct, options.review, options.include_known, options.empty_sr) == (True, True, False, False)


def test_the_form_of_options_asks_for_the_same() -> None:
    options = JobOptions(
        modalities=(ModalityClass.SR,),
        station_name_include=("ct01", "ct02"),
        station_name_at_study_level=True,
        include_known=True,
        empty_sr=True,
    )
    assert JobOptions.model_validate(OptionsForm.of_options(options).values()) == options


@pytest.mark.parametrize(
    ("modalities", "words"),
    [((), "tick at least one"), (("SR", "CT"), "tick it alone"), (("US",), "choose of CT, MG, FL, DX, NM, SR")],
)
def test_what_is_wanted_has_to_make_sense(modalities: tuple[str, ...], words: str) -> None:
    assert words in by_field(form(*modalities).problems())["modalities"]


def test_what_was_typed_stays_as_it_was() -> None:
    assert form(description_include=" A,, b ").description_include == "A,, b"


def test_control_characters_are_blanks() -> None:
    assert text(MultiDict({"name": "\tCT\x00\nhall\u202e "}), "name") == "CT  hall"


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.5", "²", "9" * 11])
def test_a_node_is_chosen_from_the_list(typed: str) -> None:
    problems: list[FieldProblem] = []
    assert read_node(typed, "store_node", problems) == 0
    assert by_field(problems) == {"store_node": "choose a store node"}


@pytest.mark.parametrize("typed", ["24:00", "8 am", "08:61", "noon"])
def test_a_time_that_is_none(typed: str) -> None:
    problems: list[FieldProblem] = []
    assert read_time(typed, "time_from", problems) is None
    assert "such as 07:30" in by_field(problems)["time_from"]


def test_of_several_problems_of_a_field_the_first_is_shown() -> None:
    problems = [FieldProblem(field="cron", detail="is `wrong`"), FieldProblem(field="cron", detail="again")]
    assert by_field(problems) == {"cron": "is wrong"}
