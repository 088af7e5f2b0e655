"""The measurement that users may repeat, for a moment."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.interop


def test_both_servers_are_measured(tmp_path: Path) -> None:
    figures = tmp_path / "receive.json"
    cells = ["--sizes", "22kB", "--associations", "2", "--seconds", "0.5", "--repetitions", "1"]
    command = [sys.executable, "-m", "bench.receive", *cells, "--folder", str(tmp_path), "--json", str(figures)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(figures.read_text())
    assert document["environment"]["dcmtk"]
    assert set(document["objects_per_second"]) == {"22kB many 2", "22kB one 2"}
    for rates in document["objects_per_second"].values():
        assert rates["dosewire"] > 0
        assert rates["storescp"] > 0
