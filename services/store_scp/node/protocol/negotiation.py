"""The negotiation of an association: an A-ASSOCIATE-RQ and the A-ASSOCIATE-AC that accepts it.

Any abstract syntax that is not a known other service is taken as storage, with the transfer syntax that the sender
lists first: private SOP classes and private or compressed transfer syntaxes work without a list, because a data set
is kept as it comes and never decoded here.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.store_scp.common.rejection import printable_ae_title
from services.store_scp.node.protocol.pdu import MAXIMUM_LENGTH_RECEIVED
from shared.association.accepting import Acceptor
from shared.dicom.uid import VERIFICATION

_AE_TITLES = slice(10, 42)
_CALLED, _CALLING = slice(10, 26), slice(26, 42)
_ECHOED = slice(10, 74)
"""Both AE titles and the reserved field: the A-ASSOCIATE-AC repeats them as they came (PS3.8 table 9-17)."""
_ANY_TITLES = b"ANY".ljust(16) * 2
_REMEMBERED = 64
_LONGEST_REMEMBERED = 64 * 1024
_SHORTEST_MAXIMUM_LENGTH = 128
"""The smallest maximum length that is used for a peer: each of our responses fits into one or two such PDUs."""


@dataclass(frozen=True, slots=True)
class AcceptedContext:
    """A presentation context that both sides have agreed on."""

    abstract_syntax: str
    transfer_syntax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An A-ASSOCIATE-RQ (PS3.8 section 9.3.2), and the answer for the case that the caller is admitted."""

    protocol_version: int
    application_context_name: str
    called_ae_title: str
    calling_ae_title: str
    maximum_length: int
    """Of the PDUs that the peer receives, in bytes; 0: no limit."""
    contexts: Mapping[int, AcceptedContext] = field(repr=False)
    """What is accepted, by presentation context ID."""
    acceptance: bytes = field(repr=False)
    """The A-ASSOCIATE-AC."""


class Negotiator:
    """Answers association requests; remembers the answers to the latest ones, because devices repeat themselves.

    The answer depends on the request alone. Whether the caller is admitted is decided each time by `admission`.

    Args:
        services: abstract syntaxes other than those of storage that the node serves.
    """

    def __init__(self, *, services: tuple[str, ...] = (VERIFICATION,)) -> None:
        self._acceptor = Acceptor(services=services, maximum_length=MAXIMUM_LENGTH_RECEIVED)
        self._remembered: OrderedDict[bytes, Proposal] = OrderedDict()
        self._lock = threading.Lock()

    def negotiate(self, request: bytes) -> Proposal:
        """Return the proposal in a complete A-ASSOCIATE-RQ PDU.

        Raises:
            ValueError: it is not a valid one.
        """
        with self._lock:
            proposal = self._remembered.get(request)
            if proposal is not None:
                self._remembered.move_to_end(request)
                return proposal
        proposal = self._negotiate(request)
        if len(request) <= _LONGEST_REMEMBERED:
            with self._lock:
                self._remembered[request] = proposal
                if len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        return proposal

    def _negotiate(self, request: bytes) -> Proposal:
        if len(request) < _ECHOED.stop:
            raise ValueError("the request is shorter than its fixed fields")
        # Blank titles and other characters are for `admission` to judge; pynetdicom refuses to read them.
        readable = b"".join((request[: _AE_TITLES.start], _ANY_TITLES, request[_AE_TITLES.stop :]))
        accepted = self._acceptor.accept(readable)
        return Proposal(
            protocol_version=int.from_bytes(request[6:8], "big"),
            application_context_name=accepted.application_context_name,
            called_ae_title=_ae_title(request[_CALLED]),
            calling_ae_title=_ae_title(request[_CALLING]),
            maximum_length=_maximum_length(accepted.maximum_length),
            contexts={identifier: AcceptedContext(*syntaxes) for identifier, syntaxes in accepted.contexts.items()},
            acceptance=accepted.pdu[: _ECHOED.start] + request[_ECHOED] + accepted.pdu[_ECHOED.stop :],
        )


def _ae_title(field: bytes) -> str:
    """Return an AE title; what it may not hold (PS3.5 section 6.2) would write on terminals, or be no text at all."""
    return printable_ae_title(field.decode("ascii", errors="replace").strip(" \0"))


def _maximum_length(given: int) -> int:
    return max(given, _SHORTEST_MAXIMUM_LENGTH) if given else 0
