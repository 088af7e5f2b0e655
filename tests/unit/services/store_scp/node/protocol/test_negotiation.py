import struct

import pytest
from pydicom.uid import UID
from pynetdicom.pdu import A_ASSOCIATE_AC

from services.store_scp.node.protocol.negotiation import AcceptedContext, Negotiator
from shared.dicom.uid import VERIFICATION
from tools.peers.raw_pdus import IMPLICIT_LITTLE_ENDIAN, SOP_CLASS, associate_rq

FIND = "1.2.840.10008.5.1.4.1.2.2.1"


def test_a_request_is_read_and_accepted() -> None:
    request = associate_rq(
        "STORE", calling_ae_title="CT 1", contexts=[(SOP_CLASS, ["1.2.3", "1.2.4"]), (FIND, ["1.2"])]
    )
    proposal = Negotiator().negotiate(request)
    assert (proposal.called_ae_title, proposal.calling_ae_title) == ("STORE", "CT 1")
    assert (proposal.protocol_version, proposal.application_context_name) == (1, "1.2.840.10008.3.1.1.1")
    assert proposal.maximum_length == 16384
    assert proposal.contexts == {1: AcceptedContext(SOP_CLASS, "1.2.3")}
    accepted = A_ASSOCIATE_AC()
    accepted.decode(proposal.acceptance)
    assert [(item.context_id, item.result) for item in accepted.presentation_context] == [(1, 0), (3, 3)]
    assert accepted.user_information is not None
    assert accepted.user_information.maximum_length == 131072
    assert proposal.acceptance[10:74] == request[10:74]


def test_verification_is_accepted_in_a_transfer_syntax_of_ours() -> None:
    request = associate_rq(contexts=[(VERIFICATION, ["1.2.840.10008.1.2.4.50", IMPLICIT_LITTLE_ENDIAN])])
    assert Negotiator().negotiate(request).contexts == {1: AcceptedContext(VERIFICATION, IMPLICIT_LITTLE_ENDIAN)}


def test_the_same_request_is_answered_the_same_way_without_being_read_again() -> None:
    negotiator = Negotiator()
    assert negotiator.negotiate(associate_rq()) is negotiator.negotiate(associate_rq())
    for number in range(100):
        negotiator.negotiate(associate_rq(f"S{number}"))
    assert negotiator.negotiate(associate_rq("S5")).called_ae_title == "S5"


@pytest.mark.parametrize(
    ("title", "read"),
    [("", ""), ("\0\0", ""), ("Ä", "?"), ("A\\B", "A\\B"), ("A\0B", "A?B"), ("\x1b[2J\n", "?[2J?")],
)
def test_titles_that_no_ae_title_may_be_are_for_admission_to_judge(title: str, read: str) -> None:
    request = associate_rq("X" * 16).replace(b"X" * 16, title.encode("latin-1").ljust(16))
    assert Negotiator().negotiate(request).called_ae_title == read


def test_roles_that_are_asked_for_are_answered() -> None:
    uid = SOP_CLASS.encode()
    role = struct.pack(">BxHH", 0x54, len(uid) + 4, len(uid)) + uid + b"\1\1"
    accepted = A_ASSOCIATE_AC()
    accepted.decode(Negotiator().negotiate(associate_rq(user_items=role)).acceptance)
    assert accepted.user_information is not None
    assert accepted.user_information.role_selection[UID(SOP_CLASS)].scp_role == 1


def test_a_peer_that_receives_tiny_pdus_is_sent_no_tinier_ones_than_make_sense() -> None:
    request = associate_rq().replace(struct.pack(">I", 16384), struct.pack(">I", 1))
    assert Negotiator().negotiate(request).maximum_length == 128
    unlimited = associate_rq().replace(struct.pack(">I", 16384), bytes(4))
    assert Negotiator().negotiate(unlimited).maximum_length == 0


@pytest.mark.parametrize("request_", [b"\1\0\0\0\0\0", associate_rq()[:100], associate_rq() + b"\xff" * 9, bytes(200)])
def test_what_is_no_request_is_refused(request_: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the words are pynetdicom's)
        Negotiator().negotiate(request_)
