from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from services.importer.extract import extract
from tests.helpers.objects.content_items import part10_bytes

Extract = Callable[[Dataset], dict[str, Any]]


@pytest.fixture
def document(tmp_path: Path) -> Extract:
    """Return what extracts a data set the whole way: written to a file, read, printed."""

    def extracted(dataset: Dataset) -> dict[str, Any]:
        path = tmp_path / "object.dcm"
        path.write_bytes(part10_bytes(dataset))
        return extract(path).to_json()

    return extracted
