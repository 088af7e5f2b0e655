import json
import threading
from collections.abc import Callable

import pytest

from shared.errors import Unavailable
from shared.health import Health
from shared.periodic import Periodic


class Work(Periodic):
    """Does each of `turns` once, the last one for ever."""

    def __init__(
        self, *turns: Callable[[], object], health: Health | None = None, patience: float | None = None
    ) -> None:
        super().__init__(name="work", every=0.001, health=health, patience=patience)
        self._turns = list(turns)
        self.calls = 0
        self.enough = threading.Event()

    def once(self) -> None:
        turn = self._turns[min(self.calls, len(self._turns) - 1)]
        self.calls += 1
        if self.calls > len(self._turns):
            self.enough.set()
        turn()


def fail(error: Exception) -> Callable[[], object]:
    def turn() -> None:
        raise error

    return turn


def state(health: Health) -> dict[str, object]:
    return dict(json.loads(health.as_json())["parts"]["work"])


def test_it_works_until_it_is_left() -> None:
    health = Health(parts=("work",))
    with Work(lambda: None, health=health) as work:
        assert work.enough.wait(5)
    calls = work.calls
    assert calls >= 2
    assert state(health) == {"ready": True, "detail": ""}
    assert "work" not in {thread.name for thread in threading.enumerate()}


def test_what_is_away_is_reported_and_tried_again() -> None:
    health = Health()
    with Work(lambda: None, fail(Unavailable("PostgreSQL is away")), health=health) as work:
        assert work.enough.wait(5)
    assert state(health) == {"ready": False, "detail": "PostgreSQL is away"}


def test_an_error_that_nobody_foresaw_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    health = Health()
    with Work(fail(ZeroDivisionError("secret")), health=health) as work:
        assert work.enough.wait(5)
    assert state(health) == {"ready": False, "detail": "ZeroDivisionError; the log of the service says more"}


def test_it_is_ready_again_after_a_failure() -> None:
    health = Health()
    with Work(fail(Unavailable("away")), lambda: None, health=health) as work:
        assert work.enough.wait(5)
    assert state(health) == {"ready": True, "detail": ""}


def test_without_health_nobody_is_told() -> None:
    with Work(fail(Unavailable("away")), lambda: None) as work:
        assert work.enough.wait(5)


def test_a_call_that_hangs_is_not_waited_for_longer_than_patience() -> None:
    hang = threading.Event()
    begun = threading.Event()

    def turn() -> None:
        begun.set()
        hang.wait(10)

    try:
        with Work(turn, patience=0.01) as work:
            assert begun.wait(5)
        assert work.over.is_set()
    finally:
        hang.set()
