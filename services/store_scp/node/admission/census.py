"""The count of open associations, over all processes of a node.

The processes share a table in memory. Each process has its own column, so that the counts of a process that was killed
can be removed; a record lock guards the table, which the kernel releases when its holder is killed.
"""

import fcntl
import mmap
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

MAXIMUM_PROCESSES = 8
_KEY_SIZE = 48
_COUNTS = struct.Struct(f"{MAXIMUM_PROCESSES}H")
_ROW_SIZE = _KEY_SIZE + _COUNTS.size
_ROWS = 4096
"""More than twice as many as a node may have associations, so that one is always free."""
_ROWS_OF_A_NAME = 256
"""The number of rows in which a name may stand; they follow from a hash of the name."""
_ALL = b"all"

T = TypeVar("T")


def create_table() -> int:
    """Return the descriptor of an empty table, to be given to all processes of a node."""
    descriptor = os.memfd_create("dosewire-census", 0)
    os.ftruncate(descriptor, _ROWS * _ROW_SIZE)
    return descriptor


class Census:
    """The associations of a node by calling AE title and by address.

    Args:
        descriptor: the table, from `create_table`.
        process: which column is this process's, from 0.
    """

    def __init__(self, *, descriptor: int, process: int) -> None:
        self._descriptor = descriptor
        self._table = mmap.mmap(descriptor, _ROWS * _ROW_SIZE)
        self._mine = process
        self._rows: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def enter(self, *, calling: str, address: str, decide: Callable[[int, int, int], T | None]) -> T | None:
        """Count an association, unless `decide` returns something when told what is open.

        Args:
            calling: its calling AE title.
            address: where it comes from.
            decide: called with the numbers of open associations: all, of this AE title, from this address. Its
                result is returned; None: the association is counted, until `leave`.
        """
        with self._locked():
            rows = self._rows_of(calling, address)
            refusal = decide(*(sum(self._counts(row)) for row in rows))
            if refusal is None:
                self._add(rows, 1)
            return refusal

    def leave(self, *, calling: str, address: str) -> None:
        """Count an association no more."""
        with self._locked():
            self._add(self._rows_of(calling, address), -1)

    def total(self) -> int:
        """Return the number of open associations."""
        with self._locked():
            return sum(self._counts(self._row(_ALL)))

    def strike_out(self, process: int) -> None:
        """Forget the associations of a process that has ended."""
        with self._locked():
            for row in range(_ROWS):
                counts = list(self._counts(row))
                counts[process] = 0
                _COUNTS.pack_into(self._table, row * _ROW_SIZE + _KEY_SIZE, *counts)

    def _rows_of(self, calling: str, address: str) -> list[int]:
        rows: list[int] = []
        for name in (_ALL, f"A{calling}".encode(), f"P{address}".encode()):
            rows.append(self._row(name, but_not=rows))
        return rows

    def _row(self, name: bytes, *, but_not: Sequence[int] = ()) -> int:
        """Return the row of a name; where it has none, it takes one that is not used, and not one of `but_not`."""
        key = name[:_KEY_SIZE].ljust(_KEY_SIZE, b"\0")
        row = self._rows.get(key)
        if row is None or self._key(row) != key:
            if len(self._rows) > _ROWS:
                self._rows.clear()  # names of the past
            row = self._rows[key] = self._find(key, but_not)
        return row

    def _find(self, key: bytes, but_not: Sequence[int]) -> int:
        idle = None
        first = zlib.crc32(key)
        for row in (number % _ROWS for number in range(first, first + _ROWS_OF_A_NAME)):
            if self._key(row) == key:
                return row
            if idle is None and row not in but_not and not any(self._counts(row)):
                idle = row
        if idle is None:
            raise RuntimeError("the table of open associations is full")
        self._table[idle * _ROW_SIZE : idle * _ROW_SIZE + _KEY_SIZE] = key
        return idle

    def _key(self, row: int) -> bytes:
        return self._table[row * _ROW_SIZE : row * _ROW_SIZE + _KEY_SIZE]

    def _counts(self, row: int) -> tuple[int, ...]:
        return _COUNTS.unpack_from(self._table, row * _ROW_SIZE + _KEY_SIZE)

    def _add(self, rows: list[int], number: int) -> None:
        for row in rows:
            counts = list(self._counts(row))
            counts[self._mine] = max(0, counts[self._mine] + number)
            _COUNTS.pack_into(self._table, row * _ROW_SIZE + _KEY_SIZE, *counts)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN)
