"""A fact: a value with its label, as pages show it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its label; `calculated` where Dosewire, not the device, has calculated it."""

    label: str
    text: str
    calculated: bool = False
