"""Queries for the rows of tables that belong to reports."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, Table, select

from shared.dose_document.values import Values
from shared.stored_study.columns import Container


def rows_of(connection: Connection, table: Table, report_ids: Sequence[int]) -> Sequence[RowMapping]:
    """Return the rows of a table that belong to these reports, in document order."""
    query = select(table).where(table.c.report_id.in_(report_ids)).order_by(*table.primary_key.columns)
    return connection.execute(query).mappings().all()


def values_of(container: Container, row: RowMapping) -> Values:
    """Return the JSON values of a row, with those that have no column."""
    return {**container.to_values(row), **(row["further"] or {})}
