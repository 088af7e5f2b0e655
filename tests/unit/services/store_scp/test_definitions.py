import os
from pathlib import Path

import pytest

from services.store_scp.definitions import FILE_NAME, DefinitionsFile, NodeDefinition

NODES = (
    NodeDefinition(node_id=1, name="Main store", ae_title="DOSEWIRE", port=11112),
    NodeDefinition(node_id=2, name="Zweiter Knoten ä", ae_title="STORE02", port=11113, keep_alive=False),
)


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    DefinitionsFile(folder=tmp_path).write(NODES)
    assert DefinitionsFile(folder=tmp_path).read() == NODES


def test_the_newest_definitions_replace_the_others(tmp_path: Path) -> None:
    file = DefinitionsFile(folder=tmp_path)
    file.write(NODES)
    file.write(NODES[:1])
    assert file.read() == NODES[:1]
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert DefinitionsFile(folder=tmp_path).read() == ()


@pytest.mark.parametrize("content", [b"", b"{", b'{"v":1,"nodes":[{"name":1}]}', b"\xff"])
def test_a_broken_file_is_nothing_known_and_no_reason_to_die(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert DefinitionsFile(folder=tmp_path).read() == ()


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    text = '{"v":1,"nodes":[{"node_id":1,"name":"a","ae_title":"B","port":104,"tls":{"on":true}}],"more":1}'
    (tmp_path / FILE_NAME).write_text(text)
    assert DefinitionsFile(folder=tmp_path).read() == (NodeDefinition(node_id=1, name="a", ae_title="B", port=104),)


def test_a_writer_that_dies_in_between_leaves_the_old_content(tmp_path: Path) -> None:
    file = DefinitionsFile(folder=tmp_path)
    file.write(NODES)
    (tmp_path / FILE_NAME).with_suffix(".part").mkdir()  # the next write fails where it begins
    with pytest.raises(OSError):  # noqa: PT011 (whichever the system chooses)
        file.write(())
    assert file.read() == NODES
    assert os.access(tmp_path / FILE_NAME, os.R_OK)
