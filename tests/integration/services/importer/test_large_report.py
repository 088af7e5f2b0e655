"""A report of thousands of events: everything of it is stored, in time and memory that grow with it, not faster."""

import time
import tracemalloc
from pathlib import Path

import pytest

from shared.broker.publisher import Publisher
from shared.messages import ImportObject
from tests.helpers.importer.in_process import Workbench
from tests.helpers.services import Services
from tools.dose_objects import Study, fluoroscopy_report
from tools.dose_objects.large import write_large
from tools.measure.store_node import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

PROPORTION = 10
LIMIT_MB = 320
"""What an importer may take for 5,000 events, with some room: it needs about 200."""


def put_large(workbench: Workbench, folder: Path, *, events: int) -> ImportObject:
    """Lay a report of that many events into the spool; a study of its own."""
    path = write_large(fluoroscopy_report(study=Study(seed=events)), folder / f"{events}.dcm", events=events)
    return workbench.put(path)


def handle(workbench: Workbench, message: ImportObject) -> None:
    assert workbench.handle(message) == [None]
    assert workbench.outcome(message) == ("imported", "stored")


def test_five_thousand_events_are_imported_by_an_importer_of_limited_memory(
    workbench: Workbench, services: Services, amqp_url: str, tmp_path: Path
) -> None:
    services.start("importer", memory_limit_mb=LIMIT_MB)
    message = put_large(workbench, tmp_path, events=5_000)
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        publisher.publish(message)
    wait_until(lambda: workbench.count("received_object") == 1, what="the import", timeout_s=200)
    assert workbench.outcome(message) == ("imported", "stored")
    (stored,) = workbench.studies()
    assert len(stored.document.to_json()["xray"]["events"]) == 5_000


def test_time_grows_with_the_events(workbench: Workbench, tmp_path: Path) -> None:
    handle(workbench, put_large(workbench, tmp_path, events=2))  # what is made once counts for neither
    seconds = []
    for events in (100, 100 * PROPORTION):
        message = put_large(workbench, tmp_path, events=events)
        before = time.process_time()
        handle(workbench, message)
        seconds.append(time.process_time() - before)
    # Twice what proportional growth would be; quadratic growth would be ten times.
    assert seconds[1] < 2 * PROPORTION * seconds[0]


def test_memory_grows_with_the_events(workbench: Workbench, tmp_path: Path) -> None:
    handle(workbench, put_large(workbench, tmp_path, events=2))
    peaks = []
    for events in (30, 30 * PROPORTION):
        message = put_large(workbench, tmp_path, events=events)
        tracemalloc.start()  # counts every allocation, and so makes the import five times as slow
        try:
            handle(workbench, message)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 2 * PROPORTION * peaks[0]
