"""The negotiation of an association: an A-ASSOCIATE-RQ and the A-ASSOCIATE-AC that accepts it, by pynetdicom.

Any abstract syntax that is not a known other service is taken as storage, with the transfer syntax that the sender
lists first: private SOP classes and private or compressed transfer syntaxes work without a list, because a data set
is kept as it comes and never decoded here.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydicom.uid import UID
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
)
from pynetdicom.presentation import PresentationContext, build_context, negotiate_unrestricted

from services.store_scp.common.rejection import printable_ae_title
from services.store_scp.node.protocol.pdu import MAXIMUM_LENGTH_RECEIVED
from shared.dicom.uid import (
    APPLICATION_CONTEXT,
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    IMPLICIT_LITTLE_ENDIAN,
    VERIFICATION,
)

SERVICE_TRANSFER_SYNTAXES = (IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN)
"""What is accepted for services other than storage: Implicit, Explicit Little Endian, Explicit Big Endian."""

_AE_TITLES = slice(10, 42)
_CALLED, _CALLING = slice(10, 26), slice(26, 42)
_ECHOED = slice(10, 74)
"""Both AE titles and the reserved field: the A-ASSOCIATE-AC repeats them as they came (PS3.8 table 9-17)."""
_ANY_TITLES = b"ANY".ljust(16) * 2
_REMEMBERED = 64
_LONGEST_REMEMBERED = 64 * 1024
_SHORTEST_MAXIMUM_LENGTH = 128
"""What a peer can receive is never taken to be less: every response of ours fits into one such PDU or two."""


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

    Only what stands in the request decides here. Who may call is decided anew each time, by `admission`.

    Args:
        services: abstract syntaxes other than those of storage that the node serves.
    """

    def __init__(self, *, services: tuple[str, ...] = (VERIFICATION,)) -> None:
        self._supported = [build_context(uid, list(SERVICE_TRANSFER_SYNTAXES)) for uid in services]
        for context in self._supported:
            context.scu_role = context.scp_role = True
        self._remembered: OrderedDict[bytes, Proposal] = OrderedDict()
        self._lock = threading.Lock()

    def negotiate(self, request: bytes) -> Proposal:
        """Return what a complete A-ASSOCIATE-RQ PDU asks for.

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
        decoded = A_ASSOCIATE_RQ()
        try:
            # Blank titles and other characters are for `admission` to judge; pynetdicom refuses to read them.
            decoded.decode(b"".join((request[: _AE_TITLES.start], _ANY_TITLES, request[_AE_TITLES.stop :])))
            asked = decoded.to_primitive()
            context_name = str(asked.application_context_name or "")
            requested = asked.presentation_context_definition_list
            results, roles = negotiate_unrestricted(requested, self._supported, _roles(asked))
            acceptance = _acceptance(asked, results, roles)
        except Exception as error:  # a stranger's bytes: pynetdicom's decoders raise whatever they stumble upon
            raise ValueError(f"{type(error).__name__}: {error}"[:200]) from error
        return Proposal(
            protocol_version=int.from_bytes(request[6:8], "big"),
            application_context_name=context_name,
            called_ae_title=_ae_title(request[_CALLED]),
            calling_ae_title=_ae_title(request[_CALLING]),
            maximum_length=_maximum_length(asked),
            contexts={
                context.context_id: AcceptedContext(str(context.abstract_syntax), str(context.transfer_syntax[0]))
                for context in results
                if context.result == 0 and context.context_id is not None
            },
            acceptance=acceptance[: _ECHOED.start] + request[_ECHOED] + acceptance[_ECHOED.stop :],
        )


def _ae_title(field: bytes) -> str:
    """Return an AE title; what it may not hold (PS3.5 section 6.2) would write on terminals, or be no text at all."""
    return printable_ae_title(field.decode("ascii", errors="replace").strip(" \0"))


def _roles(asked: A_ASSOCIATE) -> dict[UID, tuple[bool | None, bool | None]]:
    items = (item for item in asked.user_information if isinstance(item, SCP_SCU_RoleSelectionNegotiation))
    return {item.sop_class_uid: (item.scu_role, item.scp_role) for item in items if item.sop_class_uid is not None}


def _maximum_length(asked: A_ASSOCIATE) -> int:
    given = asked.maximum_length_received or 0
    return max(given, _SHORTEST_MAXIMUM_LENGTH) if given else 0


def _acceptance(
    asked: A_ASSOCIATE, results: list[PresentationContext], roles: list[SCP_SCU_RoleSelectionNegotiation]
) -> bytes:
    length = MaximumLengthNotification()
    length.maximum_length_received = MAXIMUM_LENGTH_RECEIVED
    class_uid = ImplementationClassUIDNotification()
    class_uid.implementation_class_uid = UID(IMPLEMENTATION_CLASS_UID)
    version_name = ImplementationVersionNameNotification()
    version_name.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    answer = A_ASSOCIATE()
    answer.application_context_name = UID(APPLICATION_CONTEXT)
    answer.calling_ae_title = asked.calling_ae_title
    answer.called_ae_title = asked.called_ae_title
    answer.result = 0
    answer.result_source = 1
    answer.presentation_context_definition_results_list = results
    user_information: list[Any] = [length, class_uid, version_name, *roles]
    answer.user_information = user_information
    pdu = A_ASSOCIATE_AC()
    pdu.from_primitive(answer)
    return bytes(pdu.encode())
