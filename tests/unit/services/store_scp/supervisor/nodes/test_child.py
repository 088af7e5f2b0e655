import os
import signal
import sys
import textwrap
from pathlib import Path

from services.store_scp.common.definitions import PROBE_VARIABLE, NodeDefinition
from services.store_scp.common.node_output import CallerRejected
from services.store_scp.common.rejection import Cause
from services.store_scp.supervisor.nodes.child import Child, Phase, without_secrets
from tools.measure.store_node import wait_until

DEFINITION = NodeDefinition(node_id=1, name="CT hall", ae_title="DOSEWIRE", port=11112)


def test_a_node_is_given_no_password() -> None:
    environ = {
        "DOSEWIRE_DATABASE_URL": "postgresql://u:secret@h/d",
        "DOSEWIRE_DATABASE_URL_FILE": "/run/secrets/database",
        "DOSEWIRE_AMQP_URL": "amqp://u:secret@h/",
        "DOSEWIRE_AMQP_URL_FILE": "/run/secrets/amqp",
        "DOSEWIRE_DATA_DIR": "/data",
        "PATH": "/usr/bin",
    }
    assert without_secrets(environ) == {"DOSEWIRE_DATA_DIR": "/data", "PATH": "/usr/bin"}


def start(source: str, rejected: list[CallerRejected] | None = None) -> Child:
    """Start a program of the test in place of a node."""
    program = (sys.executable, "-c", "import os, signal, time\n" + textwrap.dedent(source))
    tell = rejected.append if rejected is not None else lambda _: None
    return Child(definition=DEFINITION, announce=lambda _: None, tell_rejected=tell, program=program)


def said(child: Child) -> str:
    """Return the reason that a process has given, nothing where it has given none."""
    return child.failure.reason if child.failure else ""


FORKED = """
    child = os.fork()
    if child == 0:
        time.sleep(60)
    print("failed other", child, flush=True)
"""


def test_what_a_killed_node_has_forked_ends_with_it() -> None:
    child = start(FORKED + "    time.sleep(60)\n")
    wait_until(lambda: bool(said(child)), what="the fork")
    child.kill()
    assert child.wait(10.0)
    wait_until(lambda: not _runs(int(said(child))), what="the end of what it forked")


def test_what_a_node_that_died_has_forked_ends_too() -> None:
    child = start(FORKED + "    os.kill(os.getpid(), signal.SIGKILL)\n")
    wait_until(lambda: child.phase is Phase.ENDED, what="the end of the node")
    assert child.wait(10.0), "the forked process no longer holds the pipe"
    wait_until(lambda: not _runs(int(said(child))), what="the end of what it forked")


def test_how_a_node_ended_is_told() -> None:
    child = start("os.kill(os.getpid(), signal.SIGTERM)\n")
    assert child.wait(10.0)
    assert child.how_it_ended == f"the node's process was ended by signal {signal.SIGTERM.value}"
    child.kill()  # of a process that has ended harms nobody


def test_each_process_knows_its_supervisor_by_another_name() -> None:
    child = start(f"print('failed other', os.environ['{PROBE_VARIABLE}'])\n")
    assert child.wait(10.0)
    assert said(child) == child.probe_ae_title
    other = start("")
    assert other.wait(10.0)
    assert other.probe_ae_title != child.probe_ae_title
    assert len(child.probe_ae_title) == 16


def test_callers_that_were_turned_away_are_told() -> None:
    rejected: list[CallerRejected] = []
    child = start("""print('rejected ["address", "A", "B", "192.0.2.7", ""]')\n""", rejected)
    assert child.wait(10.0)
    assert rejected == [CallerRejected(Cause.ADDRESS, "A", "B", "192.0.2.7")]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
