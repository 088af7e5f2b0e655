"""Which ranges of dates and times to ask for, so that no answer is too long for the remote node. Pure.

A range that the node does not answer completely is halved: days, then hours. What that taught is used for what comes
after: a range that is longer than one which was refused is halved before it is asked for, and after short answers the
ranges grow again. So a node with a limit is asked little more often than its limit makes necessary.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict

SHORTEST = timedelta(hours=1)
FEW = 20
"""So many matches must be expected before an empty answer is looked into."""
MIDNIGHT = time()


class Window(BaseModel):
    """A range of Study Dates, or of Study Times of one day; both ends belong to it. No times: whole days."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    start: time | None = None
    end: time | None = None
    """None with a start: to the end of the day."""
    looked_into: bool = False
    """It is half of a range whose answer was doubtful: its own answer is believed."""

    @property
    def span(self) -> timedelta:
        """How much time it covers."""
        begin = datetime.combine(self.first, self.start or MIDNIGHT)
        if self.end is not None:
            return datetime.combine(self.last, self.end) - begin
        return datetime.combine(self.last, MIDNIGHT) + timedelta(days=1) - begin

    def halves(self, *, looked_into: bool = False) -> "tuple[Window, Window] | None":
        """Return the two halves, the earlier first; None where it is too short.

        Halves of a day share the moment between them: a study of that very second is found by both.
        """
        if self.first < self.last:
            middle = self.first + (self.last - self.first) // 2
            return (
                Window(first=self.first, last=middle, looked_into=looked_into),
                Window(first=middle + timedelta(days=1), last=self.last, looked_into=looked_into),
            )
        if self.span < 2 * SHORTEST:
            return None
        begin = datetime.combine(self.first, self.start or MIDNIGHT)
        half = timedelta(minutes=self.span // timedelta(minutes=2))
        noon = (begin + half).time()
        return (
            Window(first=self.first, last=self.last, start=begin.time(), end=noon, looked_into=looked_into),
            Window(first=self.first, last=self.last, start=noon, end=self.end, looked_into=looked_into),
        )

    def __str__(self) -> str:
        if self.first != self.last:
            return f"from {self.first} to {self.last}"
        if self.start is None and self.end is None:
            return f"of {self.first}"
        return (
            f"of {self.first}, {self.start or MIDNIGHT:%H:%M} to {self.end.strftime('%H:%M') if self.end else '24:00'}"
        )


class RangePlan(BaseModel):
    """The ranges that have still to be asked for, and what the answers so far have taught. As JSON: progress of a job.

    `next` gives a range; then one of `answered` and `refused` says how that went.
    """

    pending: list[Window]
    unanswered: list[Window] = []
    longest: timedelta | None = None
    """The longest range that makes sense to ask for; None: any."""
    most: int = 0
    """The most studies in a complete answer."""
    most_in: Window | None = None
    """Where that was: if the same number comes again it looks like a limit, and this range is asked for again."""
    answered_span: timedelta = timedelta()
    found: int = 0

    @classmethod
    def of(cls, window: Window) -> "RangePlan":
        """Return a plan for one range."""
        return cls(pending=[window])

    def next(self) -> Window | None:
        """Return the range that is to be asked for now; it stays pending until it was answered or refused."""
        while self.pending:
            window = self.pending[0]
            halves = window.halves() if self.longest is not None and window.span > self.longest else None
            if halves is None:
                return window
            self.pending[:1] = halves
        return None

    def refused(self, window: Window) -> bool:
        """Take note that a range was not answered completely; False where it is too short to be halved."""
        self.pending.remove(window)
        halves = window.halves()
        if halves is None:
            self.unanswered.append(window)
            return False
        self.longest = halves[0].span
        self.pending[:0] = halves
        return True

    def answered(self, window: Window, count: int, *, most_matches: int | None = None) -> bool:
        """Take note of an answer that the node calls complete; what it may have cut off is asked for by halves.

        Return whether it is believed.

        An empty answer for a range in which many studies were to be expected is looked into once.

        Args:
            window: what was asked for.
            count: how many different studies the answer had.
            most_matches: at which number the node is known to cut its answers off.
        """
        cut = most_matches is not None and count >= most_matches
        if cut or (self._looks_cut(count) and window.halves() is not None):
            if count == self.most and self.most_in is not None:
                self.pending[1:1] = self.most_in.halves() or ()
                self.most_in = None
            self.refused(window)
            return False
        self.pending.remove(window)
        if count == 0 and not window.looked_into and self._expected(window) >= FEW:
            halves = window.halves(looked_into=True)
            if halves is not None:
                self.pending[:0] = halves
                return True
        self.answered_span += window.span
        self.found += count
        if count > self.most:
            self.most, self.most_in = count, window
        if self.longest is not None and count * 2 <= self.most and window.span * 2 > self.longest:
            self.longest *= 2
        return True

    def retry_unanswered(self) -> None:
        """Ask again for what was not answered."""
        self.pending, self.unanswered = [*self.unanswered, *self.pending], []

    def _expected(self, window: Window) -> float:
        """Return how many studies a range would have if it were as busy as those before."""
        return self.found * (window.span / self.answered_span) if self.answered_span else 0.0

    def _looks_cut(self, count: int) -> bool:
        """Tell whether a count looks like a limit: a round one, or the same highest one again."""
        is_round = count % 50 == 0 or count & (count - 1) == 0
        return (count >= 100 and is_round) or (count >= 50 and count == self.most)


def in_words(windows: Iterable[Window]) -> list[str]:
    """Return what a person reads of ranges that were not answered."""
    return [f"studies {window}" for window in windows]
