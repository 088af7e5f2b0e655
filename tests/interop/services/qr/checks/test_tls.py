"""The monitor's C-ECHO and the test of a node, with TLS."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from services.qr.checks.echo import limits_of_echo, send_echo
from services.qr.checks.steps.dimse import take_dimse_steps
from services.qr.checks.steps.plan import DimseCheckPlan, limits_of_check
from services.qr.remote.association import associate
from services.qr.remote.echo import VERIFICATION
from services.qr.remote.peer import Peer
from shared.database.models.node_check import CheckStep, CheckVerdict
from shared.tls.client import ClientTls, ServerIdentity
from tools.pacs.archive import Archive
from tools.pacs.quirks import PROFILES
from tools.pacs.server import SimulatedPacs
from tools.peers.certificates import Authority, server_context
from tools.peers.raw_peer import RawPeer
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("hospital"))


@pytest.fixture
def tls(authority: Authority) -> ClientTls:
    return ClientTls(certificate=None, authorities=authority.certificate)


@pytest.fixture
def pacs(authority: Authority) -> Iterator[SimulatedPacs]:
    archive = Archive(count=1, first_day=TODAY, kinds=("ct",))
    context = server_context(authority.sign("pacs"))
    with SimulatedPacs(archive=archive, quirks=PROFILES["well-behaved"], destinations={}, tls=context) as pacs:
        yield pacs


def peer(port: int, server: ServerIdentity | None, tls: ClientTls) -> Peer:
    handshake = None if server is None else partial(tls.handshake, server)
    return Peer("PACS", LOOPBACK, port, "SIMPACS", "DOSEWIRE", handshake=handshake)


def plan(port: int, server: ServerIdentity | None, tls: ClientTls) -> DimseCheckPlan:
    return DimseCheckPlan(
        peer=peer(port, server, tls),
        destination=None,
        study_instance_uid=None,
        limits=limits_of_check(connect=2.0, acse=2.0, answers=5.0),
        arrival_seconds=1.0,
        today=TODAY,
        stop=threading.Event(),
    )


def echo(peer: Peer) -> str:
    limits, stop = limits_of_echo(2), threading.Event()
    return send_echo(
        associate(peer=peer, sop_classes=(VERIFICATION,), limits=limits, cancelled=lambda: False, stop=stop)
    ).detail


def association_step(plan: DimseCheckPlan) -> tuple[CheckVerdict, str]:
    (outcome,) = [one for one in take_dimse_steps(plan, arrivals=None) if one.step is CheckStep.ASSOCIATION]
    return outcome.verdict, outcome.detail


def test_echo_with_tls(pacs: SimulatedPacs, tls: ClientTls) -> None:
    here, server = pacs.port, ServerIdentity(LOOPBACK)
    assert echo(peer(here, server, tls)) == "answers C-ECHO"
    of_the_system = ClientTls(certificate=None, authorities=None)
    assert "an authority that we do not trust" in echo(peer(here, server, of_the_system))
    assert "closes the connection without a word" in echo(peer(here, None, tls))
    broken = ClientTls(certificate=None, authorities=Path("/nowhere/ca.pem"))
    assert echo(peer(here, server, broken)) == (
        "cannot be called with TLS: DOSEWIRE_TLS_REMOTE_CA (/nowhere/ca.pem): No such file or directory"
    )


def test_the_association_step_of_a_node_test_explains_tls(pacs: SimulatedPacs, tls: ClientTls) -> None:
    good = plan(pacs.port, ServerIdentity(LOOPBACK), tls)
    verdict, detail = association_step(good)
    assert (verdict, detail) == (CheckVerdict.PASSED, "accepts an association from DOSEWIRE to SIMPACS, with TLS")
    assert association_step(plan(pacs.port, ServerIdentity("pacs.example.org", is_checked=False), tls))[0] is (
        CheckVerdict.PASSED
    )
    verdict, detail = association_step(plan(pacs.port, ServerIdentity("pacs.example.org"), tls))
    assert verdict is CheckVerdict.FAILED
    assert detail.startswith("shows a certificate that is not for pacs.example.org: set tls_name of its settings")
    verdict, detail = association_step(
        plan(pacs.port, ServerIdentity(LOOPBACK), ClientTls(certificate=None, authorities=None))
    )
    assert verdict is CheckVerdict.FAILED
    assert "add the authority to DOSEWIRE_TLS_REMOTE_CA" in detail


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"", "does not finish the TLS handshake within 2 seconds"), (bytes(50), "does not speak TLS there")],
)
def test_a_peer_that_speaks_no_tls(tls: ClientTls, answer: bytes, words: str) -> None:
    with RawPeer(answer=answer) as silent:
        verdict, detail = association_step(plan(silent.port, ServerIdentity(LOOPBACK), tls))
    assert verdict is CheckVerdict.FAILED
    assert words in detail
