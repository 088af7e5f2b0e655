"""Asking for C-ECHO to nodes, and reading the outcomes."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from shared.broker.publisher import Publisher
from shared.broker.topology import CHECK
from shared.database.engine import make_engine
from shared.database.models import NodeEcho, RemoteNode, StoreNode
from shared.jobs.echoes import ask_echoes, echo_now, read_echoes, settings_key
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration


class Nodes:
    """A remote node and a store node of a third party, and what was asked of them."""

    def __init__(self, jobs: QrJobs) -> None:
        self.jobs = jobs
        self.remote_id, self.store_id = jobs.remote_node(port=104), jobs.store_node(port=11112)

    @property
    def remote(self) -> RemoteNode:
        """The remote node as it is now."""
        with self.jobs.sessions() as session:
            return session.get_one(RemoteNode, self.remote_id)

    @property
    def store(self) -> StoreNode:
        """The store node as it is now."""
        with self.jobs.sessions() as session:
            return session.get_one(StoreNode, self.store_id)

    def ask(self, *, even_if_fresh: bool = False) -> int:
        """Ask for both; return how many messages have been published in all."""
        ask_echoes(
            sessions=self.jobs.sessions,
            amqp_url=self.jobs.amqp_url,
            nodes=[self.store, self.remote],
            even_if_fresh=even_if_fresh,
        )
        return self.messages

    @property
    def messages(self) -> int:
        """How many messages have been published."""
        with Publisher(amqp_url=self.jobs.amqp_url, name="test") as publisher:
            return publisher.depth(CHECK.work)

    def answer(self, *, detail: str = "answers C-ECHO") -> None:
        """Do what the qr service does with both."""
        with self.jobs.sessions.begin() as session:
            session.execute(
                update(NodeEcho).values(
                    echoed_at=func.now(), alive=True, detail=detail, duration_ms=7, calling_ae_title="DOSEWIRE"
                )
            )

    def age(self, age: timedelta) -> None:
        """Let time pass since both were asked for."""
        with self.jobs.sessions.begin() as session:
            session.execute(update(NodeEcho).values(asked_at=NodeEcho.asked_at - age))

    def details(self) -> list[str | None]:
        """What is known of the remote node and of the store node."""
        with self.jobs.sessions() as session:
            return [None if one is None else one.detail for one in read_echoes(session, [self.remote, self.store])]


@pytest.fixture
def nodes(database_url: str, amqp_url: str) -> Iterator[Nodes]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield Nodes(QrJobs(engine=engine, amqp_url=amqp_url))
    engine.dispose()


def test_a_node_is_asked_once_in_the_time_for_which_its_outcome_is_fresh(nodes: Nodes) -> None:
    assert nodes.ask() == 2
    assert nodes.ask() == 2
    assert nodes.details() == [None, None]
    nodes.answer()
    assert nodes.details() == ["answers C-ECHO", "answers C-ECHO"]
    assert nodes.ask() == 2

    nodes.age(timedelta(seconds=11))
    assert nodes.ask() == 3, "the store node's outcome was not fresh any more"
    nodes.age(timedelta(seconds=61))
    assert nodes.ask() == 5
    assert nodes.details() == ["answers C-ECHO", "answers C-ECHO"], "the last outcomes are kept until there are others"


def test_whoever_wants_an_outcome_of_now_gets_one(nodes: Nodes) -> None:
    nodes.ask()
    assert nodes.ask(even_if_fresh=True) == 4


def test_an_outcome_of_other_settings_is_not_shown(nodes: Nodes) -> None:
    nodes.ask()
    nodes.answer()
    before = settings_key(nodes.remote)
    with nodes.jobs.sessions.begin() as session:
        session.execute(update(RemoteNode).values(port=105))
    assert settings_key(nodes.remote) != before
    assert nodes.details() == [None, "answers C-ECHO"]
    assert nodes.ask() == 3
    assert nodes.details() == [None, "answers C-ECHO"]
    assert nodes.ask() == 3


def test_only_what_matters_for_an_echo_changes_the_key(nodes: Nodes) -> None:
    node = nodes.remote
    before = settings_key(node)
    node.qr_settings = {"max_associations": 2}
    assert settings_key(node) == before
    node.qr_settings = {"tls": True}
    assert settings_key(node) != before
    store = nodes.store
    before = settings_key(store)
    store.tls = True
    assert settings_key(store) != before


def test_a_node_that_was_deleted_meanwhile_is_not_asked(nodes: Nodes) -> None:
    remote, store = nodes.remote, nodes.store
    with nodes.jobs.sessions.begin() as session:
        session.delete(session.get_one(RemoteNode, nodes.remote_id))
    ask_echoes(sessions=nodes.jobs.sessions, amqp_url=nodes.jobs.amqp_url, nodes=[remote, store])
    assert nodes.messages == 1
    outcome = echo_now(sessions=nodes.jobs.sessions, amqp_url=nodes.jobs.amqp_url, node=remote, patience=20)
    assert outcome is None


def test_one_echo_of_now_waits_for_its_outcome(nodes: Nodes) -> None:
    nodes.ask()
    nodes.answer(detail="of before")

    def answer_soon() -> None:
        time.sleep(0.3)
        nodes.answer(detail="of now")

    thread = threading.Thread(target=answer_soon)
    thread.start()
    outcome = echo_now(sessions=nodes.jobs.sessions, amqp_url=nodes.jobs.amqp_url, node=nodes.remote, patience=20)
    thread.join()
    assert outcome is not None
    assert (outcome.alive, outcome.detail, outcome.duration_ms) == (True, "of now", 7)
    assert outcome.calling_ae_title == "DOSEWIRE"


def test_nobody_waits_for_ever(nodes: Nodes) -> None:
    begun = time.monotonic()
    assert echo_now(sessions=nodes.jobs.sessions, amqp_url=nodes.jobs.amqp_url, node=nodes.store, patience=0.2) is None
    assert time.monotonic() - begun < 10


def test_a_broker_that_is_away_costs_the_outcome_alone(nodes: Nodes, free_port: int) -> None:
    nodes.jobs.amqp_url, there = f"amqp://guest:guest@127.0.0.1:{free_port}/", nodes.jobs.amqp_url
    ask_echoes(sessions=nodes.jobs.sessions, amqp_url=nodes.jobs.amqp_url, nodes=[nodes.remote])
    nodes.jobs.amqp_url = there
    assert nodes.messages == 0
    nodes.age(timedelta(seconds=61))
    assert nodes.ask() == 2


def test_an_echo_is_of_one_node(nodes: Nodes) -> None:
    with pytest.raises(IntegrityError, match="ck_node_echo_node"), nodes.jobs.sessions.begin() as session:
        session.add(NodeEcho(asked_at=func.now(), settings_key=""))
    nodes.ask()
    with nodes.jobs.sessions.begin() as session:
        session.delete(session.get_one(RemoteNode, nodes.remote_id))
    with nodes.jobs.sessions() as session:
        assert [row.remote_node_id for row in session.scalars(select(NodeEcho))] == [None]
