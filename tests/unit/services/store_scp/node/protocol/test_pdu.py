from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RJ, A_RELEASE_RP, P_DATA_TF

from services.store_scp.node.protocol import pdu


def test_pynetdicom_reads_what_is_written() -> None:
    rejection, abort, release = A_ASSOCIATE_RJ(), A_ABORT_RQ(), A_RELEASE_RP()
    rejection.decode(pdu.a_associate_rj(result=2, source=3, reason=1))
    assert (rejection.result, rejection.source, rejection.reason_diagnostic) == (2, 3, 1)
    abort.decode(pdu.a_abort(pdu.AbortReason.UNEXPECTED_PDU))
    assert (abort.source, abort.reason_diagnostic) == (2, 2)
    abort.decode(pdu.USER_ABORT)
    assert abort.source == 0
    release.decode(pdu.A_RELEASE_RP)
    assert release.pdu_length == 4


def test_a_command_is_cut_to_the_length_that_the_peer_receives() -> None:
    command = bytes(range(200))
    whole = P_DATA_TF()
    whole.decode(pdu.p_data(5, command, control=pdu.COMMAND, maximum_length=0))
    (item,) = whole.presentation_data_value_items
    assert (item.presentation_context_id, item.presentation_data_value) == (5, b"\3" + command)
    written = pdu.p_data(5, command, control=pdu.COMMAND, maximum_length=128)
    first = 6 + int.from_bytes(written[2:6], "big")
    assert first == 6 + 128
    assert written[11] == 1  # a command, not its last fragment
    assert written[first + 11] == 3
    assert written[12:first] + written[first + 12 :] == command
