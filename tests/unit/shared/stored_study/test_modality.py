import pytest

from shared.database.models import UserModality
from shared.stored_study.modality import class_of_study


@pytest.mark.parametrize(
    ("by_content", "user_modality", "expected"),
    [
        ("DX", None, "DX"),
        ("DX", UserModality.RF, "RF"),
        ("RF", UserModality.DX, "DX"),
        ("RF", UserModality.RF, "RF"),
        ("DX", UserModality.DUAL, "DX"),
        ("RF", UserModality.DUAL, "RF"),
        ("CT", UserModality.DX, "CT"),
        ("MG", UserModality.RF, "MG"),
        (None, UserModality.RF, None),
    ],
)
def test_users_tell_dx_from_rf_and_nothing_else(
    by_content: str | None, user_modality: UserModality | None, expected: str | None
) -> None:
    assert class_of_study(by_content, user_modality) == expected
