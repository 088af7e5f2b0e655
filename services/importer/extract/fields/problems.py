"""The problems met while an object is read: warnings in words, and findings that become flags."""

from dataclasses import dataclass, field
from typing import NamedTuple

from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.values import shown
from shared.dose_document.document import Finding
from shared.dose_document.flags import Flag

MAX_WARNINGS = 200


class Place(NamedTuple):
    """The place of a content item: its concept and its position among its siblings, from 1, below an outer place."""

    outer: "Place | None"
    item: ContentItem
    position: int

    def __str__(self) -> str:
        concept = self.item.concept
        name = shown(concept.meaning or concept.value) if concept else "?"
        step = f"{name} [{self.position}]"
        return step if self.outer is None else f"{self.outer} > {step}"


@dataclass(slots=True)
class Warnings:
    """The warnings about items that could not be read, in words with the place. Their number is limited."""

    texts: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    left_out: int = 0

    def add(self, place: Place | None, text: str, *, flag: Flag | None = None) -> None:
        """Add a warning. With `flag` it is a finding as well, which raises that flag."""
        if len(self.texts) >= MAX_WARNINGS:
            self.left_out += 1
            return
        text = text if place is None else f"{place}: {text}"
        self.texts.append(text)
        if flag:
            self.findings.append(Finding(flag, text))

    def all(self) -> list[str]:
        """Return the warnings, with the number of those that were left out."""
        return [*self.texts, f"and {self.left_out} more"] if self.left_out else list(self.texts)
