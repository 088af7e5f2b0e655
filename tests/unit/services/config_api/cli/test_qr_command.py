"""The command against an interface that answers from a script: what is sent, what is shown, how it ends."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.config_api.cli.client import VARIABLE
from services.config_api.cli.qr_command import qr

PROGRESS = {"studies": 3, "open": 0, "retrieved": 2, "failed": 0, "cancelled": 0, "skipped": 1,
            "objects_completed": 5, "objects_failed": 0}  # fmt: skip


def job(state: str, detail: str = "", studies: Sequence[dict[str, Any]] = (), **progress: int) -> dict[str, Any]:
    nodes = {"remote_node": {"name": "PACS"}, "store_node": {"name": "Main store"}}
    return {
        "id": "7",
        "state": state,
        "detail": detail,
        "progress": PROGRESS | progress,
        "studies": list(studies),
    } | nodes


class Interface:
    """Answers POST /qr-jobs with the first of `states`, each GET with the next one."""

    def __init__(self, *states: dict[str, Any]) -> None:
        self.states = list(states)
        self.requests: list[tuple[str, str, Any]] = []

    def answer(self, method: str, path: str, body: Any) -> dict[str, Any]:
        self.requests.append((method, path, body))
        return self.states[0] if path.endswith("/cancel") or len(self.states) == 1 else self.states.pop(0)

    @contextmanager
    def running(self) -> Iterator[str]:
        interface = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self.reply(interface.answer("POST", self.path, json.loads(self.rfile.read(length) or b"null")))

            def do_GET(self) -> None:
                self.reply(interface.answer("GET", self.path, None))

            def reply(self, body: dict[str, Any]) -> None:
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Stay quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def run(self, *arguments: str) -> Result:
        with self.running() as url:
            return CliRunner(env={VARIABLE: url}).invoke(qr, list(arguments))


@pytest.mark.parametrize(("state", "exit_status"), [("complete", 0), ("failed", 1), ("partial", 3), ("cancelled", 4)])
def test_the_exit_status_tells_how_it_ended(state: str, exit_status: int) -> None:
    result = Interface(job("queued"), job(state, "all said")).run(
        "1", "2", "-ct", "-f", "2010-04-05", "-t", "2010-04-06"
    )
    assert result.exit_code == exit_status, result.output
    assert f"{state}: all said" in result.output


def test_what_is_sent_is_the_job() -> None:
    interface = Interface(job("complete"))
    result = interface.run(
        "1", "Main store", "-ct", "-nm", "-sd", "2018-03-19", "-tf", "0700", "-e", "Imported", "-dup", "-toshiba"
    )
    assert result.exit_code == 0, result.output
    ((method, path, body),) = interface.requests
    assert (method, path) == ("POST", "/api/v1/qr-jobs")
    assert (body["remote_node"], body["store_node"]) == (1, "Main store")
    assert (body["date_from"], body["date_until"]) == ("2018-03-19", "2018-03-19")
    assert body["options"]["modalities"] == ["CT", "NM"]
    assert body["options"]["description_exclude"] == ["imported"]
    assert body["options"]["include_known"] is True
    assert body["options"]["legacy_ct"] is True


def test_progress_is_shown_when_it_changes() -> None:
    querying = job("querying", studies=(), retrieved=0, skipped=0, objects_completed=0)
    result = Interface(querying, querying, job("retrieving", failed=1), job("complete", "done")).run("1", "2", "-mg")
    assert result.output.splitlines() == [
        "job 7: PACS to Main store",
        "querying: 3 studies found",
        "retrieving: 3 studies found, 4 over (2 retrieved, 1 not needed), 1 failed, 5 objects",
        "complete: done",
    ]


def test_failed_studies_say_why() -> None:
    failed = {"study_instance_uid": "1.2.3", "state": "failed", "reason": "it refuses"}
    result = Interface(job("partial", "1 of 2", [failed])).run("1", "2", "-ct")
    assert "  1.2.3: it refuses" in result.output


def test_a_dry_run_shows_the_plan_and_retrieves_nothing() -> None:
    study = {"study_date": "20260310", "study_description": None, "reason": "", "study_instance_uid": "1.2.3"}
    chosen = study | {"state": "chosen", "explanation": "CT: kept RDSR series 501"}
    skipped = study | {"state": "skipped", "explanation": "no modality of CT", "study_instance_uid": "1.2.4"}
    interface = Interface(job("choosing"), job("review", "waits for a review", [chosen, skipped], open=1))
    result = interface.run("1", "2", "-ct", "--dry-run")
    assert result.exit_code == 0, result.output
    assert interface.requests[0][2]["options"]["review"] is True
    assert interface.requests[-1][1] == "/api/v1/qr-jobs/7/cancel"
    assert result.output.splitlines()[-3:] == [
        "retrieve 1.2.3 (20260310, no description): CT: kept RDSR series 501",
        "leave    1.2.4 (20260310, no description): no modality of CT",
        "1 study chosen, 1 not needed; nothing was retrieved",
    ]


def test_wrong_arguments_end_with_2_and_send_nothing() -> None:
    interface = Interface(job("complete"))
    result = interface.run("1", "2")
    assert result.exit_code == 2
    assert "at least one modality is required" in result.output
    assert interface.requests == []
