import pytest

from services.qr.query.density import Density


def test_nothing_is_known_at_first() -> None:
    assert Density().per_day == 0


def test_what_is_longer_ago_counts_less() -> None:
    density = Density()
    for _ in range(5):
        density.learn(100, 1.0)
    assert density.per_day == pytest.approx(100)
    density.learn(200, 1.0)
    assert 100 < density.per_day < 200


def test_a_sudden_calm_is_believed_soon() -> None:
    density = Density()
    for _ in range(5):
        density.learn(1000, 1.0)
    density.learn(10, 1.0)
    assert density.per_day < 300
