from collections.abc import Callable

from services.store_scp.node.admission.census import Census

Counts = tuple[int, int, int]


def looking(seen: list[Counts]) -> Callable[[int, int, int], None]:
    return lambda *counts: seen.append(counts)


def test_associations_are_counted_by_all_by_ae_title_and_by_address() -> None:
    census = Census()
    seen: list[Counts] = []
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    census.enter(calling="CT1", address="192.0.2.2", decide=looking(seen))
    census.enter(calling="CT2", address="192.0.2.2", decide=looking(seen))
    census.leave(calling="CT1", address="192.0.2.1")
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    assert seen == [(0, 0, 0), (1, 1, 0), (2, 0, 1), (2, 1, 0)]
    assert census.total() == 3


def test_who_is_refused_does_not_count() -> None:
    census = Census()
    assert census.enter(calling="CT1", address="::1", decide=lambda *_: "no") == "no"
    assert census.total() == 0


def test_an_ae_title_that_reads_like_an_address_is_not_one() -> None:
    census = Census()
    seen: list[Counts] = []
    census.enter(calling="10.0.0.1", address="10.0.0.2", decide=looking(seen))
    census.enter(calling="10.0.0.2", address="10.0.0.1", decide=looking(seen))
    assert seen == [(0, 0, 0), (1, 0, 0)]


def test_names_that_are_no_longer_used_are_forgotten() -> None:
    census = Census()
    for number in range(5000):
        census.enter(calling=f"CT{number}", address=f"192.0.2.{number}", decide=lambda *_: None)
        census.leave(calling=f"CT{number}", address=f"192.0.2.{number}")
    seen: list[Counts] = []
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    assert seen == [(0, 0, 0), (1, 1, 1)]


def test_leaving_twice_does_not_count_below_nothing() -> None:
    census = Census()
    census.leave(calling="CT1", address="::1")
    assert census.total() == 0
