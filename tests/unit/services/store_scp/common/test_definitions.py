import os
from pathlib import Path

import pytest

from services.store_scp.common.definitions import FILE_NAME, DefinitionsFile, NodeDefinition

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
    text = '{"v":1,"nodes":[{"node_id":1,"name":"a","ae_title":"B","port":104,"shoe_size":{"eu":43}}],"more":1}'
    (tmp_path / FILE_NAME).write_text(text)
    assert DefinitionsFile(folder=tmp_path).read() == (NodeDefinition(node_id=1, name="a", ae_title="B", port=104),)


def test_a_copy_of_the_first_release_is_a_node_that_anybody_may_call_by_its_title(tmp_path: Path) -> None:
    text = '{"v":1,"nodes":[{"node_id":3,"name":"CT hall","ae_title":"DOSEWIRE","port":11112,"keep_alive":false}]}'
    (tmp_path / FILE_NAME).write_text(text)
    (node,) = DefinitionsFile(folder=tmp_path).read()
    assert (node.node_id, node.keep_alive) == (3, False)
    assert node.check_called_ae_title
    assert (node.allowed_calling_ae_titles, node.allowed_peers) == ((), ())
    assert (node.tls, node.require_client_certificate) == (False, False)
    assert node.maximum_associations is None


def test_who_may_call_is_kept_as_well(tmp_path: Path) -> None:
    node = NodeDefinition(
        node_id=1, name="a", ae_title="B", port=104, check_called_ae_title=False, idle_timeout_seconds=30, tls=True,
        allowed_calling_ae_titles=("CT1",), allowed_peers=("192.0.2.0/24",), maximum_associations_per_address=5,
    )  # fmt: skip
    DefinitionsFile(folder=tmp_path).write([node])
    assert DefinitionsFile(folder=tmp_path).read() == (node,)


def test_a_writer_that_dies_in_between_leaves_the_old_content(tmp_path: Path) -> None:
    file = DefinitionsFile(folder=tmp_path)
    file.write(NODES)
    (tmp_path / FILE_NAME).with_suffix(".part").mkdir()  # the next write fails where it begins
    with pytest.raises(OSError):  # noqa: PT011 (whichever the system chooses)
        file.write(())
    assert file.read() == NODES
    assert os.access(tmp_path / FILE_NAME, os.R_OK)
