import threading

from services.store_scp.common.node_output import CallerRejected
from services.store_scp.common.rejection import Cause
from services.store_scp.supervisor.database.rejection_book import MAXIMUM_CALLERS, RejectionBook

CT1 = CallerRejected(Cause.CALLING_AE_TITLE, "DOSEWIRE", "CT1", "192.0.2.7")


def add(book: RejectionBook, caller: CallerRejected, *, node_id: int = 1) -> None:
    book.add(node_id=node_id, node="CT hall", caller=caller)


def test_the_same_caller_is_one_entry() -> None:
    book = RejectionBook()
    for _ in range(3):
        add(book, CT1)
    (counted,) = book.take()
    assert (counted.caller, counted.rejections) == (CT1, 3)
    assert counted.first_at <= counted.last_at
    assert book.take() == []


def test_node_cause_titles_and_address_tell_callers_apart() -> None:
    book = RejectionBook()
    add(book, CT1)
    add(book, CT1, node_id=2)
    add(book, CallerRejected(Cause.AE_TITLE_LIMIT, "DOSEWIRE", "CT1", "192.0.2.7"))
    add(book, CallerRejected(Cause.CALLING_AE_TITLE, "DOSEWIRE", "CT2", "192.0.2.7"))
    add(book, CallerRejected(Cause.CALLING_AE_TITLE, "DOSEWIRE", "CT1", "192.0.2.8"))
    assert [entry.rejections for entry in book.take()] == [1] * 5


def test_the_last_detail_counts() -> None:
    book = RejectionBook()
    add(book, CallerRejected(Cause.TLS, peer_address="192.0.2.7", detail="it does not speak TLS"))
    add(book, CallerRejected(Cause.TLS, peer_address="192.0.2.7", detail="it showed no certificate of its own"))
    (counted,) = book.take()
    assert (counted.rejections, counted.caller.detail) == (2, "it showed no certificate of its own")


def test_what_could_not_be_written_is_added_to_what_came_meanwhile() -> None:
    book = RejectionBook()
    add(book, CT1)
    taken = book.take()
    add(book, CT1)
    book.put_back(taken)
    (counted,) = book.take()
    assert counted.rejections == 2
    assert counted.first_at == taken[0].first_at
    assert counted.last_at > taken[0].last_at


def test_a_flood_of_invented_titles_stays_small_and_is_counted_whole() -> None:
    book = RejectionBook()
    for number in range(10 * MAXIMUM_CALLERS):
        add(book, CallerRejected(Cause.CALLING_AE_TITLE, "DOSEWIRE", f"X{number}", "192.0.2.66"))
    counted = book.take()
    assert len(counted) == MAXIMUM_CALLERS + 1
    assert sum(entry.rejections for entry in counted) == 10 * MAXIMUM_CALLERS
    assert counted[-1].caller == CallerRejected(Cause.CALLING_AE_TITLE)


def test_several_nodes_count_at_the_same_time() -> None:
    book = RejectionBook()

    def count() -> None:
        for _ in range(500):
            add(book, CT1)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.rejections for entry in book.take()] == [4000]
