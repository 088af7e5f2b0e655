"""A simulated PACS as a process of its own, for tests."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.peers.real_pacs import DicomServer

ROOT = Path(__file__).parents[2]


class SimulatedPacsProcess(DicomServer):
    """`destinations`: the AE titles that it may send to, with their ports on loopback. A context manager."""

    def __init__(
        self,
        *,
        folder: Path,
        ae_title: str = "SIMPACS",
        destinations: Mapping[str, int],
        studies: int,
        first_day: date,
        days: int = 1,
        kinds: Sequence[str] = (),
        quirks: Quirks | None = None,
        seed: int = 1,
    ) -> None:
        super().__init__(folder=folder, ae_title=ae_title)
        self._destinations = destinations
        self._quirks = quirks or Quirks()
        self._statistics = folder / "statistics.json"
        self.archive = Archive(count=studies, first_day=first_day, days=days, kinds=kinds or Archive.kinds, seed=seed)

    def command(self) -> list[str]:
        """Return how it is started."""
        archive = self.archive
        options = {
            "ae-title": self.ae_title,
            "port": self.port,
            "studies": archive.count,
            "first-day": archive.first_day,
            "days": archive.days,
            "seed": archive.seed,
            "quirks": self._quirks.model_dump_json(),
            "statistics": self._statistics,
        }
        return [
            "env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tools.pacs",
            *(f"--{name}={value}" for name, value in options.items()),
            *(f"--destination={title}=127.0.0.1:{port}" for title, port in self._destinations.items()),
            *(f"--kind={kind}" for kind in archive.kinds),
        ]  # fmt: skip

    def __enter__(self) -> "SimulatedPacsProcess":
        super().__enter__()
        return self

    @property
    def counts(self) -> dict[str, int]:
        """How many requests of which kind and level it has got, and how many objects it has sent."""
        return dict(json.loads(self._statistics.read_text())) if self._statistics.exists() else {}
