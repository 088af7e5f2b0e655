"""The count of a node's open associations: all, by calling AE title, and by address."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Census:
    """Counts associations from `enter` to `leave`. Safe to be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = 0
        self._by_ae_title: Counter[str] = Counter()
        self._by_address: Counter[str] = Counter()

    def enter(self, *, calling: str, address: str, decide: Callable[[int, int, int], T | None]) -> T | None:
        """Count an association, unless `decide` returns something when told what is open.

        Args:
            calling: its calling AE title.
            address: where it comes from.
            decide: called with the numbers of open associations: all, of this AE title, from this address. Its
                result is returned; None: the association is counted, until `leave`.
        """
        with self._lock:
            refusal = decide(self._total, self._by_ae_title[calling], self._by_address[address])
            if refusal is None:
                self._total += 1
                self._by_ae_title[calling] += 1
                self._by_address[address] += 1
            return refusal

    def leave(self, *, calling: str, address: str) -> None:
        """Count an association no more; nothing happens where none like it is counted."""
        with self._lock:
            if not (self._by_ae_title[calling] and self._by_address[address]):
                return
            self._total -= 1
            for counts, name in ((self._by_ae_title, calling), (self._by_address, address)):
                counts[name] -= 1
                if not counts[name]:
                    del counts[name]

    def total(self) -> int:
        """Return the number of open associations."""
        with self._lock:
            return self._total
