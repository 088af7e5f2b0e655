"""Parts of pages. A part whose data source is away shows a message; the others are not affected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.errors import Unavailable

ContentT = TypeVar("ContentT")


@dataclass(frozen=True, slots=True)
class PagePart(Generic[ContentT]):
    """The content of a part, or the reason why there is none."""

    content: ContentT | None = None
    problem: str | None = None


def part(content: Callable[[], ContentT]) -> PagePart[ContentT]:
    """Return the part with the result of `content`."""
    try:
        return PagePart(content=content())
    except Unavailable as error:
        return PagePart(problem=str(error))
