"""The handler of checks, called by the test as the consumer calls it."""

import threading

import pytest
from sqlalchemy import Engine

from services.qr.checks.caller import NodeCaller
from services.qr.checks.echo_store import NodeEchoes
from services.qr.checks.handler import CheckHandler
from services.qr.checks.store import NodeChecks
from shared.database.engine import make_sessions
from shared.tls.client import ClientTls


@pytest.fixture
def stop() -> threading.Event:
    """Set when the worker shall end."""
    return threading.Event()


@pytest.fixture
def node_checks(engine: Engine) -> NodeChecks:
    return NodeChecks(sessions=make_sessions(engine))


@pytest.fixture
def handler(engine: Engine, node_checks: NodeChecks, stop: threading.Event) -> CheckHandler:
    caller = NodeCaller(
        tls=ClientTls(certificate=None, authorities=None),
        store_scp_host="127.0.0.1",
        calling_ae_title="WATCHER",
        timeout=2.0,
        stop=stop,
    )
    echoes = NodeEchoes(sessions=make_sessions(engine))
    return CheckHandler(engine=engine, checks=node_checks, echoes=echoes, caller=caller)
