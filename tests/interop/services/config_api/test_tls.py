"""The monitor's C-ECHO and the test of a node, with TLS."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.config_api.echo import Target, echo
from services.config_api.node_test.outcome import Plan, Step, Verdict
from services.config_api.node_test.run import run_test
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


def target(port: int, server: ServerIdentity | None) -> Target:
    return Target(LOOPBACK, port, "SIMPACS", "DOSEWIRE", server)


def plan(port: int, server: ServerIdentity | None, tls: ClientTls) -> Plan:
    return Plan(
        target=target(port, server),
        max_pdu_bytes=16382,
        destination=None,
        study_instance_uid=None,
        connect=2.0,
        acse=2.0,
        answers=5.0,
        arrival=1.0,
        tls=tls,
    )


def association_step(plan: Plan) -> tuple[Verdict, str]:
    (outcome,) = [one for one in run_test(plan, today=TODAY, arrived=None) if one.step is Step.ASSOCIATION]
    return outcome.verdict, outcome.detail


def test_echo_with_tls(pacs: SimulatedPacs, tls: ClientTls) -> None:
    here = target(pacs.port, ServerIdentity(LOOPBACK))
    assert echo(here, timeout=2, tls=tls).detail == "answers C-ECHO"
    assert "no authority which we know has signed" in echo(here, timeout=2).detail
    assert "closes it without a word" in echo(replace(here, server=None), timeout=2).detail
    broken = ClientTls(certificate=None, authorities=Path("/nowhere/ca.pem"))
    assert echo(here, timeout=2, tls=broken).detail == (
        "cannot be called with TLS: DOSEWIRE_TLS_REMOTE_CA (/nowhere/ca.pem): No such file or directory"
    )


def test_the_association_step_of_a_node_test_explains_tls(pacs: SimulatedPacs, tls: ClientTls) -> None:
    good = plan(pacs.port, ServerIdentity(LOOPBACK), tls)
    verdict, detail = association_step(good)
    assert (verdict, detail) == (Verdict.PASSED, "accepts an association from DOSEWIRE to SIMPACS, with TLS")
    assert association_step(plan(pacs.port, ServerIdentity("pacs.example.org", is_checked=False), tls))[0] is (
        Verdict.PASSED
    )
    verdict, detail = association_step(plan(pacs.port, ServerIdentity("pacs.example.org"), tls))
    assert verdict is Verdict.FAILED
    assert detail.startswith("shows a certificate that is not for pacs.example.org: set tls_name of its settings")
    verdict, detail = association_step(
        plan(pacs.port, ServerIdentity(LOOPBACK), ClientTls(certificate=None, authorities=None))
    )
    assert verdict is Verdict.FAILED
    assert "add that one to DOSEWIRE_TLS_REMOTE_CA" in detail


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"", "does not finish the TLS handshake within 2 seconds"), (bytes(50), "does not speak TLS there")],
)
def test_a_peer_that_speaks_no_tls(tls: ClientTls, answer: bytes, words: str) -> None:
    with RawPeer(answer=answer) as peer:
        verdict, detail = association_step(plan(peer.port, ServerIdentity(LOOPBACK), tls))
    assert verdict is Verdict.FAILED
    assert words in detail
