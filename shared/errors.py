"""The one tree of errors. A consumer decides by the class of an error alone what becomes of its message."""

from collections.abc import Sequence


class DosewireError(Exception):
    """Every error that Dosewire raises on purpose."""


class SettingsError(DosewireError):
    """The environment does not describe a runnable service; `problems` lists everything that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class Retriable(DosewireError):
    """May pass by itself: the message is tried again after a delay, and the attempt is counted."""


class Unavailable(Retriable):
    """A service that we depend on is down. Tried again without counting: it is not the message's fault."""


class Permanent(DosewireError):
    """Will not pass by itself: the message goes to the dead-letter queue with this reason."""


class UnreadableObject(Permanent):
    """The bytes cannot be read as a DICOM object."""


class ObjectMissing(Permanent):
    """A message refers to an object whose file is nowhere in the spool."""


class InvalidMessage(Permanent):
    """A message on a queue has a shape that this version does not know."""
