"""The tree of all errors. The class of an error alone decides the fate of a message."""

from collections.abc import Sequence


class DosewireError(Exception):
    """The base of every error that Dosewire raises on purpose."""


class SettingsError(DosewireError):
    """The settings in the environment are wrong or missing; `problems` lists all faults."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class Retriable(DosewireError):
    """An error that may pass by itself: the message is tried again after a delay, and the attempt is counted."""


class Unavailable(Retriable):
    """A server that we depend on is down. The message is tried again, and the attempt is not counted."""


class Permanent(DosewireError):
    """An error that does not pass by itself: the message goes to the dead-letter queue with this reason."""


class UnreadableObject(Permanent):
    """The bytes cannot be read as a DICOM object."""


class ObjectMissing(Permanent):
    """A message refers to an object whose file is nowhere in the spool."""


class InvalidMessage(Permanent):
    """A message on a queue has a shape that this version does not know."""
