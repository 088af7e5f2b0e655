"""The number of studies that a node returns per query, estimated from its answers and refusals. Pure functions."""

from math import inf

from pydantic import BaseModel

from services.qr.remote.windows import Window

AIM = 0.8
"""The share of the limit for which ranges are planned."""
BOLD = 1.5
"""The factor by which ranges may grow beyond the longest answer so far, where the limit is not known."""


class Refusal(BaseModel):
    """A range that was refused, and the number of studies found in its parts so far."""

    window: Window
    found: int = 0


class AnswerLimit(BaseModel):
    """The knowledge of the limit. Most nodes send that many answers before they refuse; some refuse without any."""

    most: int = 0
    """The most studies in a complete answer."""
    most_in: Window | None = None
    """The range of that answer: if the same number comes again it may be a limit, and this range is queried again."""
    before_refusal: int = 0
    """The most studies that came before a refusal, or in an answer that was cut off."""
    cut_at: int | None = None
    """The number of studies in the last answer that was cut off without notice."""
    announced: int = 0
    """The most studies that came before a refusal: such a node announces that answers are left out."""
    proven: int | None = None
    """The number of studies in a range that was refused without an answer: so many are too many."""
    unproven: list[Refusal] = []
    """The ranges refused without an answer whose parts are still to be queried."""
    bold: bool = True
    """True: longer answers than the longest so far are tried; False after a refusal without proof."""

    @property
    def target(self) -> float | None:
        """Return the number of studies for which a range is planned; None: nothing is known."""
        if self.before_refusal >= self.most:
            return AIM * self.before_refusal or None
        lowest, highest = AIM * self.most, inf if self.proven is None else AIM * self.proven
        return max(lowest, min(highest, BOLD * self.most if self.bold else lowest))

    @property
    def too_many(self) -> int:
        """Return the approximate number of studies in a refused range; 0: nothing is known."""
        return round(1.2 * max(self.most, self.before_refusal))

    def looks_cut(self, count: int) -> bool:
        """Tell whether a complete answer looks cut off: a round number, or the same one as before.

        A node that has refused after as many studies does not cut answers off without notice.
        """
        if count <= self.announced:
            return False
        is_round = count % 50 == 0 or count & (count - 1) == 0
        return (count >= 100 and is_round) or (count >= 50 and count in (self.most, self.cut_at))

    def refused(self, window: Window, count: int, *, announced: bool) -> None:
        """Take note of a refusal after `count` answers, or of an answer that was cut off without notice."""
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
