from datetime import time

import pytest
from pydantic import ValidationError

from shared.jobs.options import JobOptions, ModalityClass, split_terms


def test_terms_are_compared_in_lower_case_and_without_blanks() -> None:
    assert split_terms("Thorax, Neck ,,thorax") == ("thorax", "neck")
    assert JobOptions(description_include=(" Head",)).description_include == ("head",)


def test_options_survive_their_json() -> None:
    options = JobOptions(modalities=(ModalityClass.CT,), time_from=time(8, 30), station_name_exclude=("x",))
    assert JobOptions.model_validate_json(options.model_dump_json()) == options


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"modalities": ["SR", "CT"]}, "ask for it alone"),
        ({"time_from": "12:00", "time_until": "11:00"}, "comes after the last"),
        ({"modality": ["CT"]}, "Extra inputs"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        JobOptions.model_validate(options)


def test_without_a_class_nothing_is_chosen() -> None:
    assert not JobOptions().chooses
    assert JobOptions(modalities=(ModalityClass.SR,)).chooses
