from dataclasses import replace

from services.qr.choice.found import Choice
from services.qr.choice.known import without_known
from tests.unit.services.qr.choice.series import CT_IMAGE, RDSR, chosen, job_options, kept, series


def choice_of_two_images() -> Choice:
    study = [series(1, "DX", CT_IMAGE, CT_IMAGE), series(2, "DX", CT_IMAGE)]
    choice = chosen(study, job_options("DX"))
    decisions = zip(study, choice.decisions, strict=True)  # as if all instances had been asked for
    return replace(choice, decisions=tuple(replace(decision, series=one) for one, decision in decisions))


def test_a_series_that_has_grown_gives_only_what_is_new() -> None:
    left = without_known(choice_of_two_images(), {"1.1.1", "1.2.1"})
    assert kept(left) == {1: ("1.1.2",)}
    assert [decision.reason for decision in left.decisions] == [
        "image: 1 of 2 received before",
        "image: received before",
    ]
    assert left.reason.endswith("; 2 received before")


def test_where_all_is_known_nothing_is_retrieved() -> None:
    left = without_known(choice_of_two_images(), {"1.1.1", "1.1.2", "1.2.1"})
    assert kept(left) == {}
    assert left.reason.endswith("; 3 received before, nothing is new")


def test_of_chosen_instances_the_known_ones_fall_away() -> None:
    choice = chosen([series(1, "PT", "1.2.840.10008.5.1.4.1.1.128")], job_options("NM"))
    assert kept(choice) == {1: ("1.1.1",)}
    assert kept(without_known(choice, {"1.1.1"})) == {}


def test_nothing_known_changes_nothing() -> None:
    choice = choice_of_two_images()
    assert without_known(choice, ()) is choice
    assert kept(without_known(choice, {"9.9"})) == kept(choice)


def test_a_series_whose_instances_are_not_named_stays() -> None:
    choice = chosen([series(1, "CT", CT_IMAGE), series(2, "SR")], job_options("CT", empty_sr=True))
    assert kept(choice) == {2: None}
    assert kept(without_known(choice, {RDSR, "1.2.1"})) == {2: None}
