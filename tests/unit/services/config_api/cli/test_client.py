import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from services.config_api.cli.client import ApiAway, ApiClient, ApiRefused, client
from shared.errors import SettingsError


class _Answering(http.server.BaseHTTPRequestHandler):
    answer: ClassVar[tuple[int, bytes]] = (200, b"{}")

    def do_GET(self) -> None:
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answering) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def test_an_answer(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Answering, "answer", (200, b'{"ok": true}'))
    assert ApiClient(url=server).get("/status") == {"ok": True}


def test_a_problem_is_told_in_its_own_words(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Answering, "answer", (409, b'{"detail": "port: in use"}'))
    with pytest.raises(ApiRefused, match="port: in use"):
        ApiClient(url=server).get("/store-nodes")


@pytest.mark.parametrize("answer", [(200, b"<html>"), (200, b"[]"), (404, b"<html>"), (500, b"{}"), (502, b"")])
def test_somebody_else_answers(server: str, answer: tuple[int, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Answering, "answer", answer)
    with pytest.raises(ApiAway, match="answers, but it is not Dosewire: correct DOSEWIRE_API_URL"):
        ApiClient(url=server).get("/status")


def test_nobody_answers(free_port: int) -> None:
    with pytest.raises(ApiAway, match=rf"does not answer at http://127.0.0.1:{free_port} .*config_api"):
        ApiClient(url=f"http://127.0.0.1:{free_port}").get("/status")


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://x", "http://", "http://x:port"])
def test_an_address_that_is_none(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSEWIRE_API_URL", url)
    with pytest.raises(SettingsError, match="DOSEWIRE_API_URL: must look like"):
        client()


def test_the_address_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOSEWIRE_API_URL", raising=False)
    assert client().url == "http://127.0.0.1:8080"
