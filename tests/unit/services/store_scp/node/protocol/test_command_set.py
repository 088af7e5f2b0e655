from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pynetdicom.dsutils import decode

from services.store_scp.node.protocol.command_set import CommandField, CommandSet, Element, response_to
from tools.peers.raw_pdus import SOP_CLASS, command_set, store_command


def read(encoded: bytes) -> Dataset:
    """Read a command set with pynetdicom, for comparison."""
    return decode(BytesIO(encoded), True, True)


def test_a_request_is_read_as_it_is() -> None:
    command = CommandSet(store_command("1.2.3", others={Element.MOVE_ORIGINATOR_AE_TITLE: "PACS"}))
    assert command.number(Element.COMMAND_FIELD) == CommandField.C_STORE
    assert command.number(Element.MESSAGE_ID) == 7
    assert command.text(Element.AFFECTED_SOP_INSTANCE_UID) == "1.2.3"
    assert command.text(Element.MOVE_ORIGINATOR_AE_TITLE) == "PACS"
    assert command.text(Element.ERROR_COMMENT) is None
    assert command.number(Element.STATUS) is None
    assert command.has_data_set


def test_what_is_encoded_is_what_pynetdicom_reads() -> None:
    there = read(store_command("1.2.3"))
    assert there.CommandGroupLength == len(store_command("1.2.3")) - 12
    assert (there.CommandField, there.MessageID, there.CommandDataSetType) == (1, 7, 1)
    assert (there.AffectedSOPClassUID, there.AffectedSOPInstanceUID) == (SOP_CLASS, "1.2.3")


def test_a_response_repeats_what_it_has_to() -> None:
    there = read(response_to(CommandSet(store_command("1.2.3")), 0xA700, comment="no room" + "!" * 100))
    assert (there.CommandField, there.MessageIDBeingRespondedTo, there.Status) == (0x8001, 7, 0xA700)
    assert (there.AffectedSOPClassUID, there.AffectedSOPInstanceUID) == (SOP_CLASS, "1.2.3")
    assert there.CommandDataSetType == 0x0101
    assert there.ErrorComment == "no room" + "!" * 57
    assert there.CommandGroupLength == len(response_to(CommandSet(store_command("1.2.3")), 0, comment="x" * 64)) - 12


def test_a_response_repeats_no_uid_that_is_too_long() -> None:
    there = read(response_to(CommandSet(store_command("1." * 40 + "1")), 0xC000))
    assert "AffectedSOPInstanceUID" not in there
    assert there.AffectedSOPClassUID == SOP_CLASS


def test_of_n_services_the_requested_uids_are_repeated_as_affected_ones() -> None:
    action = CommandSet(
        command_set(
            {
                Element.COMMAND_FIELD: CommandField.N_ACTION,
                Element.REQUESTED_SOP_CLASS_UID: "1.2",
                Element.REQUESTED_SOP_INSTANCE_UID: "1.2.3",
            }
        )
    )
    there = read(response_to(action, 0))
    assert (there.AffectedSOPClassUID, there.AffectedSOPInstanceUID) == ("1.2", "1.2.3")


@pytest.mark.parametrize(
    "encoded",
    [b"\0\0\0", store_command()[:-1], b"\x08\0\0\0\0\0\0\0", b"\0\0\0\1\xff\xff\xff\xff\0\0"],
    ids=["header cut short", "value cut short", "another group", "undefined length"],
)
def test_what_is_no_command_set_is_refused(encoded: bytes) -> None:
    with pytest.raises(ValueError, match="command set"):
        CommandSet(encoded)


def test_values_of_the_wrong_size_are_missing() -> None:
    command = CommandSet(b"\0\0\x10\x01\x01\0\0\0\7" + b"\0\0\x02\0\0\0\0\0")
    assert command.number(Element.MESSAGE_ID) is None
    assert command.text(Element.AFFECTED_SOP_CLASS_UID) is None
