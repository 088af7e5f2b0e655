from datetime import UTC, datetime

from shared.database.models.received_object import ReceivedObject, fitted, reception_row
from shared.messages import HeaderSummary, ImportObject, Reception

MESSAGE = ImportObject(
    trace_id="0" * 32,
    size_bytes=7,
    reception=Reception(source="c_store", received_at=datetime(2026, 1, 2, tzinfo=UTC), calling_ae_title="CT1"),
)


def test_every_key_is_a_column() -> None:
    assert reception_row(MESSAGE).keys() <= set(ReceivedObject.__table__.columns.keys())


def test_an_object_without_a_header_has_a_row_too() -> None:
    row = reception_row(MESSAGE)
    assert (row["calling_ae_title"], row["modality"], row["size_bytes"]) == ("CT1", None, 7)


def test_texts_from_outside_are_cut_to_their_columns_and_hold_nothing_that_postgresql_refuses() -> None:
    header = HeaderSummary(modality="CT\0" + "x" * 100, station_name="a\ud800b")
    row = fitted(reception_row(MESSAGE.model_copy(update={"header": header})))
    assert (row["modality"], row["station_name"]) == ("CT" + "x" * 14, "a?b")
