from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.commitment_request import CommitmentRequest, Reference


def request(**changes: str) -> CommitmentRequest:
    request = CommitmentRequest(
        transaction_uid="2.25.99",
        references=(Reference("1.2.840.10008.5.1.4.1.1.88.67", "2.25.1"),),
        requested_at=datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC),
        node="Main store",
        calling_ae_title="CT99",
        called_ae_title="DOSEWIRE",
        peer_address="192.0.2.7",
    )
    return request.model_copy(update=changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "commitment"


def test_what_is_put_is_there_for_another_process(path: Path) -> None:
    CommitmentFolder(path=path).put(request())
    folder = CommitmentFolder(path=path)
    (key,) = folder.keys()
    assert folder.read(key) == request()
    folder.remove(key)
    assert folder.keys() == []
    assert folder.read(key) is None


def test_a_folder_without_requests_need_not_exist(path: Path) -> None:
    folder = CommitmentFolder(path=path)
    assert folder.keys() == []
    folder.remove_partial()


def test_a_transaction_that_is_repeated_waits_once(path: Path) -> None:
    folder = CommitmentFolder(path=path)
    folder.put(request())
    folder.put(request(peer_address="192.0.2.8"))
    (key,) = folder.keys()
    again = folder.read(key)
    assert again is not None
    assert again.peer_address == "192.0.2.8"


def test_transactions_of_different_callers_do_not_meet(path: Path) -> None:
    folder = CommitmentFolder(path=path)
    folder.put(request())
    folder.put(request(calling_ae_title="MR1"))
    assert len(folder.keys()) == 2


def test_a_request_that_cannot_be_written_leaves_nothing(path: Path) -> None:
    path.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="commitment"):
        CommitmentFolder(path=path).put(request())


def test_a_damaged_file_is_set_aside_and_does_not_come_again(path: Path) -> None:
    folder = CommitmentFolder(path=path)
    folder.put(request())
    (key,) = folder.keys()
    (path / f"{key}.json").write_text('{"v": 1}')
    assert folder.read(key) is None
    assert folder.keys() == []
    assert (path / f"{key}.unreadable").is_file()


def test_what_a_killed_process_left_is_removed_and_requests_stay(path: Path) -> None:
    folder = CommitmentFolder(path=path)
    folder.put(request())
    (path / "0123.part").write_text("{")
    folder.remove_partial()
    assert [file.suffix for file in path.iterdir()] == [".json"]


def test_other_files_are_no_requests(path: Path) -> None:
    folder = CommitmentFolder(path=path)
    folder.put(request())
    (path / "notes.json").write_text("{}")
    (path / "notes.txt").write_text("")
    assert len(folder.keys()) == 1


def test_only_a_key_becomes_part_of_a_path(path: Path) -> None:
    with pytest.raises(ValueError, match="not the key"):
        CommitmentFolder(path=path).read("../store_nodes")
