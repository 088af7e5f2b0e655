"""The class of a study, by its content and by the user modality of its equipment. Pure functions."""

from typing import Final

from shared.database.models import UserModality

PROJECTION: Final = ("DX", "RF")
"""The classes that the user modality can change into each other."""


def class_of_study(by_content: str | None, user_modality: UserModality | None) -> str | None:
    """Return the class of a study: by the user modality, for projection X-ray only, else by its content."""
    if by_content in PROJECTION and user_modality in (UserModality.DX, UserModality.RF):
        return user_modality.value.upper()
    return by_content
