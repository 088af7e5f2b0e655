import sys
from pathlib import Path

import pytest

from tools.stack.programs import system_path


def test_our_own_environment_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin")
    assert system_path() == "/usr/local/bin:/usr/bin:/usr/sbin"


def test_what_is_there_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/sbin:/usr/bin")
    assert system_path() == "/usr/sbin:/usr/bin"
