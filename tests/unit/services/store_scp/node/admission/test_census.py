import os
from collections.abc import Callable, Iterator

import pytest

from services.store_scp.node.admission.census import Census, create_table

Counts = tuple[int, int, int]


@pytest.fixture
def table() -> Iterator[int]:
    descriptor = create_table()
    yield descriptor
    os.close(descriptor)


def looking(seen: list[Counts]) -> Callable[[int, int, int], None]:
    return lambda *counts: seen.append(counts)


def test_associations_are_counted_by_all_by_ae_title_and_by_address(table: int) -> None:
    census = Census(descriptor=table, process=0)
    seen: list[Counts] = []
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    census.enter(calling="CT1", address="192.0.2.2", decide=looking(seen))
    census.enter(calling="CT2", address="192.0.2.2", decide=looking(seen))
    census.leave(calling="CT1", address="192.0.2.1")
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    assert seen == [(0, 0, 0), (1, 1, 0), (2, 0, 1), (2, 1, 0)]
    assert census.total() == 3


def test_who_is_refused_does_not_count(table: int) -> None:
    census = Census(descriptor=table, process=0)
    assert census.enter(calling="CT1", address="::1", decide=lambda *_: "no") == "no"
    assert census.total() == 0


def test_an_ae_title_that_reads_like_an_address_is_not_one(table: int) -> None:
    census = Census(descriptor=table, process=0)
    seen: list[Counts] = []
    census.enter(calling="10.0.0.1", address="10.0.0.2", decide=looking(seen))
    census.enter(calling="10.0.0.2", address="10.0.0.1", decide=looking(seen))
    assert seen == [(0, 0, 0), (1, 0, 0)]


def test_processes_share_the_table_and_the_share_of_a_dead_one_is_struck_out(table: int) -> None:
    first, second = Census(descriptor=table, process=0), Census(descriptor=table, process=1)
    for census in (first, second, second):
        census.enter(calling="CT1", address="::1", decide=lambda *_: None)
    assert first.total() == second.total() == 3
    first.strike_out(1)
    assert first.total() == second.total() == 1


def test_names_that_are_no_longer_used_make_room(table: int) -> None:
    census = Census(descriptor=table, process=0)
    for number in range(5000):
        census.enter(calling=f"CT{number}", address=f"192.0.2.{number}", decide=lambda *_: None)
        census.leave(calling=f"CT{number}", address=f"192.0.2.{number}")
    seen: list[Counts] = []
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    census.enter(calling="CT1", address="192.0.2.1", decide=looking(seen))
    assert seen == [(0, 0, 0), (1, 1, 1)]


def test_leaving_twice_does_not_count_below_nothing(table: int) -> None:
    census = Census(descriptor=table, process=0)
    census.leave(calling="CT1", address="::1")
    assert census.total() == 0
