"""A report of thousands of events: everything of it is stored, in time and memory that grow with it, not faster."""

import resource
import time
from pathlib import Path

import pytest

from services.importer.extract import extract
from tests.helpers.dose_reports import fluoroscopy_report
from tests.helpers.dose_reports.large import write_large
from tests.helpers.imports import Workbench

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SMALL, LARGE = 500, 5_000


def test_five_thousand_events_are_imported(workbench: Workbench, tmp_path: Path) -> None:
    seconds = {}
    for events in (SMALL, LARGE):
        path = write_large(fluoroscopy_report(), tmp_path / f"{events}.dcm", events=events)
        before = time.process_time()
        extract(path)
        seconds[events] = time.process_time() - before
    # Twice what proportional growth would be; quadratic growth would be ten times.
    assert seconds[LARGE] < 2 * (LARGE / SMALL) * seconds[SMALL]

    (message,) = workbench.send(tmp_path / f"{LARGE}.dcm")

    assert workbench.outcome(message) == ("imported", "stored")
    (stored,) = workbench.studies()
    assert len(stored.document["xray"]["events"]) == LARGE
    peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert peak_kilobytes < 1024 * 1024, "reading and writing 5,000 events takes less than 1 GiB"
