"""The number of studies that a node tells at a time, as its answers and refusals show. Pure functions."""

from math import inf

from pydantic import BaseModel

from services.qr.remote.windows import Window

AIM = 0.8
"""Ranges are made for this share of what the node tells at a time."""
BOLD = 1.5
"""So many times the longest answer so far is tried, where the limit is not known."""


class Refusal(BaseModel):
    """A range that was refused, and how many studies its parts had so far."""

    window: Window
    found: int = 0


class AnswerLimit(BaseModel):
    """What is known of the limit: most nodes send as many answers before they refuse, some refuse without any."""

    most: int = 0
    """The most studies in a complete answer."""
    most_in: Window | None = None
    """Where that was: if the same number comes again it looks like a limit, and this range is asked for again."""
    before_refusal: int = 0
    """The most studies that came before a refusal, or in an answer that was cut off."""
    cut_at: int | None = None
    """How many studies the last answer had that was cut off without a word."""
    announced: int = 0
    """The most studies that came before a refusal: the node says what it leaves out."""
    proven: int | None = None
    """So many studies a range had that was refused without an answer: that many are too many."""
    unproven: list[Refusal] = []
    """What was refused like that, and has not been asked for in parts as yet."""
    bold: bool = True
    """Whether longer answers than the longest so far are tried: not after a refusal that is unproven."""

    @property
    def target(self) -> float | None:
        """Return for how many studies a range is made; None: nothing is known."""
        if self.before_refusal >= self.most:
            return AIM * self.before_refusal or None
        lowest, highest = AIM * self.most, inf if self.proven is None else AIM * self.proven
        return max(lowest, min(highest, BOLD * self.most if self.bold else lowest))

    @property
    def too_many(self) -> int:
        """Return how many studies a refused range has, roughly; 0: nothing is known."""
        return round(1.2 * max(self.most, self.before_refusal))

    def looks_cut(self, count: int) -> bool:
        """Tell whether a complete answer looks cut off: a round number, or the same one as before.

        A node that has refused after as many does not cut off without a word.
        """
        if count <= self.announced:
            return False
        is_round = count % 50 == 0 or count & (count - 1) == 0
        return (count >= 100 and is_round) or (count >= 50 and count in (self.most, self.cut_at))

    def refused(self, window: Window, count: int, *, announced: bool) -> None:
        """Take note of a refusal after `count` answers, or of an answer that was cut off, which nobody announced."""
        self.before_refusal = max(self.before_refusal, count)
        if announced:
            self.announced = max(self.announced, count)
        else:
            self.cut_at = count
        if not count:
            self.unproven.append(Refusal(window=window))
            self.bold = not self.most

    def answered(self, window: Window, count: int) -> None:
        """Take note of a complete answer."""
        target = self.target
        if target and count > BOLD * target:
            self.bold = True  # much more than was aimed at, and no refusal
        if count > self.most:
            self.most, self.most_in = count, window
        unproven, self.unproven = self.unproven, []
        for one in unproven:
            inside = one.window.begin <= window.begin and window.over <= one.window.over
            found = one.found + (count if inside else 0)
            if window.over < one.window.over:
                self.unproven.append(Refusal(window=one.window, found=found))
            elif inside and found > self.most:
                self.proven = min(found, self.proven or found)
                self.bold = True
