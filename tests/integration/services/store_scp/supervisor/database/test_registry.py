"""Callers that were turned away, in a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.node_output import CallerRejected
from services.store_scp.common.rejection import Cause
from services.store_scp.supervisor.database.registry import KEPT_CALLERS, Registry, stopped_by
from services.store_scp.supervisor.database.rejection_book import Counted
from shared.database.engine import make_engine
from shared.database.models import RejectedCaller
from tests.helpers.store_scp.service import StoreScpTables

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CT1 = CallerRejected(Cause.CALLING_AE_TITLE, "DOSEWIRE", "CT1", "192.0.2.7")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url=database_url, name="test")
    yield engine
    engine.dispose()


def counted(node_id: int, caller: CallerRejected = CT1, *, times: int = 1, seconds: float = 0) -> Counted:
    at = NOW + timedelta(seconds=seconds)
    return Counted(node_id, "CT hall", caller, times, at, at)


def rows(engine: Engine) -> list[RejectedCaller]:
    with engine.connect() as connection:
        found = connection.execute(select(RejectedCaller.__table__).order_by(RejectedCaller.last_at.desc()))
        return [RejectedCaller(**row) for row in found.mappings()]


def test_a_caller_has_one_row_that_adds_up(engine: Engine, tables: StoreScpTables) -> None:
    node = tables.add_node(port=11112, name="CT hall")
    registry = Registry(engine=engine)
    registry.record_rejections([counted(node, times=3)])
    registry.record_rejections(
        [counted(node, times=2, seconds=60), counted(node, CallerRejected(Cause.TLS), seconds=-5)]
    )
    row, other = rows(engine)
    assert (row.cause, row.called_ae_title, row.calling_ae_title) == ("calling_ae_title", "DOSEWIRE", "CT1")
    assert (row.peer_address, row.rejections) == ("192.0.2.7", 5)
    assert (row.first_at, row.last_at) == (NOW, NOW + timedelta(seconds=60))
    assert row.words == "the calling AE title 'CT1' is not one of those that may call"
    assert row.advice == "add 'CT1' to the allowed calling AE titles of node 'CT hall'"
    assert other.cause == "tls"


def test_only_the_latest_callers_of_a_node_are_kept(engine: Engine, tables: StoreScpTables) -> None:
    first, second = tables.add_node(port=11112, name="CT hall"), tables.add_node(port=11113, name="Cath lab")
    registry = Registry(engine=engine)
    registry.record_rejections([counted(second)])
    for begin in range(0, 2 * KEPT_CALLERS, 100):
        numbers = range(begin, begin + 100)
        titles = [CallerRejected(Cause.CALLING_AE_TITLE, "DOSEWIRE", f"X{number}", "") for number in numbers]
        registry.record_rejections([counted(first, title, seconds=begin) for title in titles])
    kept = rows(engine)
    assert len(kept) == KEPT_CALLERS + 1
    assert {row.calling_ae_title for row in kept if row.store_node_id == first} == {
        f"X{number}" for number in range(KEPT_CALLERS, 2 * KEPT_CALLERS)
    }


def test_a_node_that_is_gone_costs_only_its_own(engine: Engine, tables: StoreScpTables) -> None:
    node = tables.add_node(port=11112)
    gone = tables.add_node(port=11113, name="gone")
    Registry(engine=engine).record_rejections([counted(gone)])
    tables.remove_node(gone)
    Registry(engine=engine).record_rejections([counted(gone), counted(node)])
    assert [row.store_node_id for row in rows(engine)] == [node]


def test_who_may_call_is_part_of_a_definition(engine: Engine, tables: StoreScpTables) -> None:
    node = tables.add_node(port=11112)
    tables.change_node(
        node, allowed_calling_ae_titles=["CT1"], allowed_peers=["192.0.2.0/24"], check_called_ae_title=False,
        maximum_associations_per_address=5, idle_timeout_seconds=30, tls=True,
    )  # fmt: skip
    assert Registry(engine=engine).nodes().wanted == (
        NodeDefinition(
            node_id=node, name="Main store", ae_title="DOSEWIRE", port=11112, check_called_ae_title=False,
            allowed_calling_ae_titles=("CT1",), allowed_peers=("192.0.2.0/24",), maximum_associations_per_address=5,
            idle_timeout_seconds=30, tls=True,
        ),
    )  # fmt: skip


def test_who_has_stopped_a_node_is_told_with_it(engine: Engine, tables: StoreScpTables) -> None:
    node = tables.add_node(port=11112, enabled=False)
    tables.change_node(node, switched_by="anna (command line, from 127.0.0.1)", switched_at=NOW)
    assert Registry(engine=engine).nodes().disabled == {
        node: "stopped by anna (command line, from 127.0.0.1) at 2026-11-22 12:00 UTC"
    }
    assert stopped_by("", NOW) == ""
