from services.qr.dimse.archive import BY_GET
from services.qr.dimse.storage_contexts import MOST_CONTEXTS, SOP_CLASSES, storage_contexts


def test_what_is_proposed_fits_into_one_association() -> None:
    assert len(storage_contexts()) + len(BY_GET) <= MOST_CONTEXTS


def test_everything_that_is_proposed_is_storage_and_stands_there_once() -> None:
    assert len(set(SOP_CLASSES)) == len(SOP_CLASSES)
    assert all("Storage" in sop_class.name for sop_class in SOP_CLASSES)
    pairs = [(one.abstract_syntax, tuple(one.transfer_syntax)) for one in storage_contexts()]
    assert len(set(pairs)) == len(pairs)
