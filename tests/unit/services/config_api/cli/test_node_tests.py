"""A test of a remote node as it is followed on the terminal, with an interface that answers from a script."""

from typing import Any

import pytest

from services.config_api.cli import node_tests
from services.config_api.cli.client import ApiClient
from services.config_api.cli.node_tests import UnfinishedTest, watch_test

TCP = {"step": "tcp", "verdict": "passed", "detail": "accepts a connection", "duration_ms": 1}
ECHO = {"step": "echo", "verdict": "failed", "detail": "does not answer", "duration_ms": 1}


def a_test(state: str, *steps: dict[str, Any], detail: str = "", passed: bool | None = None) -> dict[str, Any]:
    return {"id": "7", "state": state, "detail": detail, "passed": passed, "steps": list(steps)}


class Script(ApiClient):
    """Answers with one test after the other."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        super().__init__(url="http://127.0.0.1:1")
        self.answers = list(answers)

    def get(self, path: str) -> dict[str, Any]:
        assert path == "/node-tests/7"
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_tests, "WATCH_SECONDS", 0.0)


def test_each_step_is_printed_once_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    done = a_test("done", TCP, ECHO, passed=False)
    script = Script(a_test("running"), a_test("running", TCP), a_test("running", TCP), done)
    assert watch_test(script, a_test("queued"), prints=True) == done
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "tcp         passed    accepts a connection",
        "echo        failed    does not answer",
    ]
    assert printed.err == ""


def test_a_test_that_begins_again_is_printed_again(capsys: pytest.CaptureFixture[str]) -> None:
    script = Script(a_test("running"), a_test("running", TCP), a_test("done", TCP, ECHO, passed=False))
    watch_test(script, a_test("running", TCP, ECHO), prints=True)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["tcp", "echo", "tcp", "echo"]


def test_what_holds_it_up_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = a_test("queued", detail="no qr worker has taken it yet; is the qr service running?")
    watch_test(Script(waiting, waiting, a_test("done", TCP, passed=True)), a_test("queued"), prints=False)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "no qr worker has taken it yet; is the qr service running?\n"


def test_a_test_that_could_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnfinishedTest, match="could not be made: nobody took it"):
        watch_test(Script(a_test("failed", detail="nobody took it")), a_test("queued"), prints=True)
    monkeypatch.setattr(node_tests, "LONGEST_SECONDS", 0.0)
    with pytest.raises(UnfinishedTest, match="GET /api/v1/node-tests/7"):
        watch_test(Script(a_test("running")), a_test("queued"), prints=True)
