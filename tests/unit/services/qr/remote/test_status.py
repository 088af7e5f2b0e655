import pytest

from services.qr.remote.errors import NodeRefuses, NodeTrouble, RemoteError, StudyRefused
from services.qr.remote.status import Counts, check_find, judge_move
from shared.dicom.destination import Destination

PEER = "Archive (PACS at pacs.example:104)"
OURS = Destination(name="receiver", ae_title="DOSEWIRE", host=None, port=11112)
THIRD_PARTY = Destination(name="other", ae_title="OTHER", host="store.example", port=104)


def judge(status: int, counts: Counts = Counts(), *, destination: Destination = OURS) -> str:  # noqa: B008 (frozen)
    return judge_move(status, counts, peer=PEER, destination=destination)


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (Counts(completed=12, failed=0, warning=0), "12 objects sent"),
        (Counts(completed=1), "1 object sent"),
        (Counts(completed=3, warning=2), "5 objects sent"),
        (Counts(warning=1), "1 object sent"),
        (Counts(), "sent; the remote node did not say how many objects"),
    ],
)
def test_success(counts: Counts, text: str) -> None:
    assert judge(0x0000, counts) == text


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (0xA701, NodeTrouble),
        (0xA702, NodeTrouble),
        (0xA700, NodeTrouble),
        (0x0110, NodeTrouble),
        (0xC000, NodeTrouble),
        (0xCFFF, NodeTrouble),
        (0xFE00, NodeTrouble),
        (0xB000, NodeTrouble),
        (0xA801, NodeRefuses),
        (0x0122, NodeRefuses),
        (0x0211, NodeRefuses),
        (0x0124, NodeRefuses),
        (0xA900, StudyRefused),
        (0x0117, StudyRefused),
        (0x1234, StudyRefused),
    ],
)
def test_a_failure_has_the_class_that_says_what_comes_next(status: int, error: type[RemoteError]) -> None:
    with pytest.raises(error, match=f"{status:04X}|move destination") as caught:
        judge(status)
    assert type(caught.value) is error
    assert PEER in str(caught.value)


def test_an_unknown_destination_says_what_to_register() -> None:
    with pytest.raises(NodeRefuses) as caught:
        judge(0xA801)
    assert str(caught.value) == (
        f"{PEER} does not know the move destination DOSEWIRE (A801): register the store node receiver there "
        "(AE title DOSEWIRE, the address of the machine where Dosewire's store_scp runs, port 11112)"
    )
    with pytest.raises(NodeRefuses, match=r"\(AE title OTHER, store\.example, port 104\)"):
        judge(0xA801, destination=THIRD_PARTY)


def test_some_that_failed_are_counted() -> None:
    with pytest.raises(NodeTrouble, match=r"could not send 3 of 10 objects to AE title DOSEWIRE.*status B000"):
        judge(0xB000, Counts(completed=6, warning=1, failed=3))
    with pytest.raises(NodeTrouble, match="could not send some objects"):
        judge(0xB000)


def test_success_with_failed_objects_is_none() -> None:
    with pytest.raises(NodeTrouble, match="could not send 2 of 5"):
        judge(0x0000, Counts(completed=3, failed=2))


def test_success_that_sent_nothing_is_none() -> None:
    with pytest.raises(StudyRefused, match="reports success, but has sent no object"):
        judge(0x0000, Counts(completed=0, failed=0, warning=0))


@pytest.mark.parametrize("status", [0xA702, 0xC000])
@pytest.mark.parametrize("counts", [Counts(), Counts(completed=0, failed=2)])
def test_where_nothing_was_sent_the_destination_may_be_why(status: int, counts: Counts) -> None:
    with pytest.raises(NodeTrouble, match=r"does it know the move destination \(AE title DOSEWIRE, .* port 11112\)"):
        judge(status, counts)


def test_where_something_was_sent_the_destination_is_not_why() -> None:
    with pytest.raises(NodeTrouble, match=r"status A702 \(.*\) after 4 objects$"):
        judge(0xA702, Counts(completed=4))


def test_counts_keep_what_a_later_response_leaves_out() -> None:
    counts = Counts().updated(remaining=3, completed=1, failed=0, warning=0)
    final = counts.updated(remaining=None, completed=None, failed=2, warning=None)
    assert final == Counts(remaining=None, completed=1, failed=2, warning=0)


def test_find_accepts_success_alone() -> None:
    check_find(0x0000, peer=PEER)
    with pytest.raises(NodeTrouble, match=r"ended the query with status A700 \(out of resources\)"):
        check_find(0xA700, peer=PEER)
    with pytest.raises(StudyRefused, match=r"status A900 \(it does not understand the identifier\)"):
        check_find(0xA900, peer=PEER)
    with pytest.raises(NodeRefuses, match=r"status 0122 \(it does not support this\)"):
        check_find(0x0122, peer=PEER)
