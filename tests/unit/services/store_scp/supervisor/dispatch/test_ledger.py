from services.store_scp.supervisor.dispatch.ledger import Ledger


def test_what_was_never_published_is_missing_oldest_first() -> None:
    assert Ledger().missing({"c", "a", "b"}) == ["a", "b", "c"]


def test_what_was_published_is_not_missing() -> None:
    ledger = Ledger()
    ledger.published("a", at=1.0)
    assert "a" in ledger
    assert ledger.missing({"a", "b"}) == ["b"]


def test_what_has_left_the_spool_is_forgotten() -> None:
    ledger = Ledger()
    ledger.published("a", at=1.0)
    assert ledger.missing(set()) == []
    assert "a" not in ledger
    assert ledger.overdue(now=1000.0, after=10.0) == []


def test_only_what_was_published_long_ago_is_overdue() -> None:
    ledger = Ledger()
    ledger.published("b", at=1.0)
    ledger.published("a", at=2.0)
    ledger.published("c", at=95.0)
    assert ledger.overdue(now=100.0, after=50.0) == ["a", "b"]


def test_what_was_published_again_is_not_overdue() -> None:
    ledger = Ledger()
    ledger.published("a", at=1.0)
    ledger.published("a", at=99.0)
    assert ledger.overdue(now=100.0, after=50.0) == []
