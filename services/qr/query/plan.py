"""The plan of a query by ranges of dates and times, each with an answer short enough for the remote node.

Ranges are asked for from the first day to the last. The length of the next one follows from the answers so far: the
number of studies that the node returns at a time, the recent number of studies per day, and their distribution over
week and day. A range that is refused is divided, at a moment found from the answers that came before the refusal.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil, inf

from pydantic import BaseModel, Field

from services.qr.query.activity import Activity, Density
from services.qr.query.cutting import parts_by_sample, stops_early
from services.qr.query.limit import AnswerLimit
from services.qr.remote.windows import Window, merged

FEW = 20
TOLERANCE = 1.05
GROWTH = 4.0
"""The factor by which a range may be longer than the one before."""
MOST_REFUSALS = 40
"""Failures in a row after which a part is given up: the node does not answer, or does not match on Study Time."""


class RangePlan(BaseModel):
    """The ranges still to be queried, and estimates from the answers so far. Its JSON is part of a job's progress.

    `next` returns a range; then `answered` or `refused` is called with the outcome.
    """

    pending: list[Window]
    """The ranges in the order of time; the first is the next one."""
    unanswered: list[Window] = []
    activity: Activity = Field(default_factory=Activity)
    limit: AnswerLimit = Field(default_factory=AnswerLimit)
    longest: float | None = None
    """The most activity in a range; None: any."""
    density: Density = Field(default_factory=Density)
    refusals: int = 0
    """The number of failures in a row."""
    doubt: int = FEW
    """The number of expected matches from which an empty answer is checked."""

    @classmethod
    def of(cls, window: Window, *, after: "RangePlan | None" = None) -> "RangePlan":
        """Return a plan for one range; `after`: an earlier plan for the same node, whose estimates are used."""
        if after is None:
            return cls(pending=[window])
        limit = after.limit.model_copy(update={"unproven": []})
        return cls(pending=[window], activity=after.activity.model_copy(deep=True), limit=limit)

    @property
    def anything_answered(self) -> bool:
        """True if the node has answered at all."""
        return self.density.amount > 0

    def next(self) -> Window | None:
        """Return the range that is to be asked for now; it stays pending until it was answered or refused."""
        self._join()
        while self.pending:
            window = self.pending[0]
            parts = self._parts(window)
            if parts is None:
                return window
            first, rest = parts
            self.pending[:1] = [first, rest.model_copy(update={"at_least": window.at_least})]
            if window.is_one_day or not first.is_one_day:
                return first
        return None

    def refused(self, window: Window, count: int = 0, moments: Sequence[datetime] = ()) -> bool:
        """Take note that a range was not answered completely; return False where it is given up.

        Args:
            window: what was asked for.
            count: how many studies came nevertheless.
            moments: when they were made, as far as that was told, in the order in which they came.
        """
        self.limit.refused(window, count, announced=True)
        return self._divide(window, moments)

    def answered(
        self, window: Window, count: int, moments: Sequence[datetime] = (), *, most_matches: int | None = None
    ) -> bool:
        """Take note of an answer that the node calls complete; a range that may have been cut off is queried in parts.

        Return whether it is believed.

        An empty answer for a range in which many studies were to be expected is looked into once.

        Args:
            window: what was asked for.
            count: how many different studies the answer had.
            moments: when they were made, as far as that was told, in the order in which they came.
            most_matches: at which number the node is known to cut its answers off.
        """
        cut = most_matches is not None and count >= most_matches
        doubtful = self.limit.looks_cut(count) or (not self.limit.announced and stops_early(window, moments))
        if cut or (doubtful and window.halves() is not None):
            if count == self.limit.most and self.limit.most_in is not None:
                self.pending[1:1] = self.limit.most_in.halves() or ()
                self.limit.most_in = None
            self.limit.refused(window, count, announced=False)
            self._divide(window, moments)
            return False
        self.refusals = 0
        self.pending.remove(window)
        amount = self.activity.amount(window)
        if count == 0 and not window.looked_into and self.density.per_day * amount >= self.doubt:
            halves = window.halves()
            if halves is not None:
                self.doubt *= 2
                self.pending[:0] = [half.model_copy(update={"looked_into": True}) for half in halves]
                return True
        if self.pending:
            self._after(window, at_least=_left(self.pending[0].at_least, window.at_least, count))
        self._learn(window, count, moments, amount)
        return True

    def retry_unanswered(self) -> None:
        """Plan the unanswered ranges again."""
        self.pending, self.unanswered = merged([*self.unanswered, *self.pending]), []
        self.refusals = 0

    def _divide(self, window: Window, moments: Sequence[datetime]) -> bool:
        """Put the parts of a range in its place; False where it is given up."""
        self.pending.remove(window)
        self.refusals += 1
        self._after(window, at_least=0)  # the number of studies left in it is unknown
        if window.halves() is None or self.refusals >= MOST_REFUSALS:
            self._give_up(window)
            return False
        parts = parts_by_sample(window, moments)
        self.longest = self.activity.amount(window) / 2 if parts is None else self.activity.amount(parts[0])
        whole = window.model_copy(update={"at_least": self.limit.too_many, "fits": False})
        self.pending[:0] = [whole] if parts is None else parts
        return True

    def _parts(self, window: Window) -> tuple[Window, Window] | None:
        """Return the part of a range that is to be asked for now, and the rest; None: the whole."""
        if self.longest is None or window.fits:
            return None
        amount, allowed, target = self.activity.amount(window), self.longest, self.limit.target
        if window.at_least and target:
            allowed = min(allowed, amount * target / window.at_least)
        if amount <= allowed * TOLERANCE:
            return None
        part = amount / ceil(amount / allowed) if window.is_one_day else allowed * TOLERANCE
        return window.cut(self.activity.moment(window, part))

    def _learn(self, window: Window, count: int, moments: Sequence[datetime], amount: float) -> None:
        if 2 * len(moments) >= count:
            self.activity.learn(window, moments)
        self.density.learn(count, amount)
        self.limit.answered(window, count)
        if self.longest is not None:
            target, per_day = self.limit.target, self.density.per_day
            fitting = target / per_day if target and per_day else inf
            self.longest = min(fitting, max(GROWTH * amount, self.longest))

    def _join(self) -> None:
        """Join the rest of a range with the next range, unless both together are known to be too much."""
        while len(self.pending) > 1:
            joined = self.pending[0].joined(self.pending[1])
            if joined is None or joined.at_least > (self.limit.target or 0) / 2:
                return
            self.pending[:2] = [joined]

    def _after(self, window: Window, *, at_least: int) -> None:
        """Take note of what the range has at least that follows on one that was asked for."""
        if self.pending and self.pending[0].begin == window.over:
            self.pending[0] = self.pending[0].model_copy(update={"at_least": at_least})

    def _give_up(self, window: Window) -> None:
        """Leave a range unanswered, and the rest of its day where nothing at all was answered lately."""
        given_up = [window]
        while self.refusals >= MOST_REFUSALS and self.pending and self.pending[0].first == window.first:
            given_up.append(self.pending.pop(0))
        self.unanswered = merged([*self.unanswered, *given_up])


def _left(at_least: int, sample: int, count: int) -> int:
    """Return what a range has at least, when `count` studies were found in the one before it.

    Args:
        at_least: what both had together; where there was a sample, how many of it lie in this one.
        sample: how many of a sample lay in the one before; few tell nothing of how large the sample is.
        count: how many were found there.
    """
    return at_least * count // sample if FEW <= sample <= count else max(0, at_least - count)
