"""A burst of dose reports from DCMTK's storescu over several associations, and what became of each."""

import re
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.helpers.dcmtk import command
from tools.dose_objects import Study, ct_report, write

ASSOCIATIONS = 8
EVENTS = 2
"""Irradiation events in each report."""
_STUDY, _INSTANCE, _EVENT = 2_250_000_000, 2_260_000_000, 2_270_000_000
_SENDING = re.compile(r"Sending file: (?P<path>\S+)|Received Store Response \((?P<status>\w+)")


class Burst:
    """`count` dose reports, each of a study of its own, and which of them were answered with Success."""

    def __init__(self, *, folder: Path, count: int) -> None:
        folder.mkdir()
        template = write(
            ct_report(
                study=Study(
                    study_instance_uid=f"2.25.{_STUDY}",
                    sop_instance_uid=f"2.25.{_INSTANCE}",
                    event_uids=tuple(f"2.25.{_EVENT + number}" for number in range(EVENTS)),
                ),
                events=EVENTS,
            ),
            folder / "template",
        ).read_bytes()
        self.files: list[Path] = []
        for number in range(count):
            content = template
            for of_template, of_this in _uids(number):
                content = content.replace(b"2.25.%d" % of_template, b"2.25.%d" % of_this)
            path = folder / f"{number:05}.dcm"
            path.write_bytes(content)
            self.files.append(path)
        self.succeeded: set[Path] = set()

    @property
    def sop_instance_uids(self) -> set[str]:
        """The SOP Instance UIDs of the objects that were answered with Success."""
        return {f"2.25.{_INSTANCE + int(path.stem)}" for path in self.succeeded}

    def send(self, *, port: int) -> None:
        """Send what has not been answered with Success, over eight associations at the same time."""
        left = [path for path in self.files if path not in self.succeeded]
        with ThreadPoolExecutor(ASSOCIATIONS) as senders:
            for said in senders.map(lambda part: _send(part, port=port), _parts(left)):
                self.succeeded |= _succeeded(said)

    def send_until_all_succeeded(self, *, port: int, between: Callable[[], object] = lambda: None) -> None:
        """Send again what failed, as the person at a scanner does, until nothing is left; at most ten times."""
        for _ in range(10):
            self.send(port=port)
            if len(self.succeeded) == len(self.files):
                return
            between()
        raise AssertionError(f"{len(self.succeeded)} of {len(self.files)} objects were taken")


def _uids(number: int) -> list[tuple[int, int]]:
    """Return what stands in the template and what stands in this report in its place, of the same length."""
    # The events from the last one down, so that none is taken for what another one has become.
    events = [(_EVENT + event, _EVENT + event + EVENTS * number) for event in reversed(range(EVENTS))]
    return [(_STUDY, _STUDY + number), (_INSTANCE, _INSTANCE + number), *events]


def _parts(files: list[Path]) -> list[list[Path]]:
    parts = [files[number::ASSOCIATIONS] for number in range(ASSOCIATIONS)]
    return [part for part in parts if part]


def _send(files: list[Path], *, port: int) -> str:
    patience = ("-to", 10, "-ta", 30, "-td", 30)
    sender = command("storescu", "-v", "--no-halt", *patience, "-aec", "DOSEWIRE", "127.0.0.1", port, *files)
    done = subprocess.run(sender, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
    return done.stdout


def _succeeded(said: str) -> set[Path]:
    """Return the files that storescu says were answered with Success."""
    succeeded: set[Path] = set()
    sending: Path | None = None
    for match in _SENDING.finditer(said):
        if match["path"]:
            sending = Path(match["path"])
        elif sending is not None and match["status"] == "Success":
            succeeded.add(sending)
    return succeeded
