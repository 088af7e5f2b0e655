"""Every field that the tables can give is stored, and reads back as it was extracted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from tests.helpers.importer.in_process import Workbench, expected_documents
from tests.helpers.objects import every_row
from tests.helpers.objects.content_items import part10_bytes

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "make",
    [
        every_row.ct_report,
        every_row.projection_report,
        every_row.mammography_report,
        every_row.radiopharmaceutical_report,
    ],
    ids=lambda make: make.__name__,
)
def test_a_report_with_every_row_reads_back(workbench: Workbench, make: Callable[[], Dataset], tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(part10_bytes(make()))
    (message,) = workbench.send(path)
    assert workbench.outcome(message) == ("imported", "stored")
    (study,) = workbench.studies()
    assert [(study.part.value, study.document.to_json())] == list(expected_documents(path))
