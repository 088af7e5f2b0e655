"""A soak that is too short to find leaks: that all of its traffic goes on, and is judged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults

MINUTES = os.environ.get("DOSEWIRE_TEST_SOAK_MINUTES", "0.3")


@pytest.mark.timeout(float(MINUTES) * 60 + 120)
def test_a_node_stands_all_kinds_of_traffic_at_the_same_time(tmp_path: Path) -> None:
    figures = tmp_path / "soak.json"
    options: list[str | Path] = ["--minutes", MINUTES, "--interval", "3", "--json", figures, "--echo-median-ms", "1000"]
    done = subprocess.run([sys.executable, "-m", "bench.soak", *options], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("== passed\n")
    document = json.loads(figures.read_text())
    assert document["problems"] == document["faults"] == []
    assert set(document["acts"]) == {
        "abort",
        "burst",
        "echo",
        "half a PDU",
        "idle",
        "large image",
        "one object",
        "port check",
        "wrong caller",
    }
    assert all(sample["memory_mb"] > 0 and sample["descriptors"] > 10 for sample in document["samples"])
