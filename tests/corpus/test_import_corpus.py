"""The corpus through the importer: what is stored is what is extracted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.importer.extract import extract
from tests.helpers.importer.in_process import Workbench, expected_documents

pytestmark = [pytest.mark.corpus, pytest.mark.integration]


@pytest.fixture
def workbench(database_url: str, data_dir: Path, corpus: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    yield bench
    bench.close()


def test_every_accepted_object_reads_back_as_its_extract(workbench: Workbench, corpus: Path) -> None:
    compared = 0
    for path in sorted((corpus / "files").glob("*.dcm")):
        (message,) = workbench.send(path)
        if not extract(path).to_json()["outcome"]["accepted"]:
            assert workbench.outcome(message)[0] == "refused"
            continue
        stored = [(study.part.value, study.document.to_json()) for study in workbench.studies()]
        assert stored == list(expected_documents(path)), path.name
        compared += 1
        forget(workbench)
    assert compared > 40


def forget(workbench: Workbench) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(text("TRUNCATE study, equipment, received_object CASCADE"))
