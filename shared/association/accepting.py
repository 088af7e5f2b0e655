"""The codec of association requests and of the answer that accepts them (PS3.8 sections 9.3.2 and 9.3.3).

It uses pynetdicom's PDU classes and its "unrestricted" negotiation of presentation contexts: any abstract syntax that
is not one of the given services is accepted as storage, with the first transfer syntax.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

from shared.dicom.uid import (
    APPLICATION_CONTEXT,
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    IMPLICIT_LITTLE_ENDIAN,
)

SERVICE_TRANSFER_SYNTAXES = (IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN)
"""The transfer syntaxes that are accepted for services other than storage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """An association request, and the answer that accepts it."""

    application_context_name: str
    """The user identity of the request; empty where it has none."""
    maximum_length: int
    """The maximum length of PDUs that the peer receives, in bytes; 0: no limit."""
    contexts: Mapping[int, tuple[str, str]]
    """The abstract and the transfer syntax of each presentation context that is accepted, by its ID."""
    pdu: bytes
    """The A-ASSOCIATE-AC."""


class Acceptor:
    """Answers association requests, by their content alone. Safe to be used by several threads.

    Args:
        services: abstract syntaxes other than those of storage.
        maximum_length: of the PDUs that we receive, in bytes.
    """

    def __init__(self, *, services: Sequence[str], maximum_length: int) -> None:
        self._maximum_length = maximum_length
        self._supported = [build_context(uid, list(SERVICE_TRANSFER_SYNTAXES)) for uid in services]
        for context in self._supported:
            context.scu_role = context.scp_role = True

    def accept(self, request: bytes) -> Acceptance:
        """Return the content of a complete A-ASSOCIATE-RQ PDU, and the answer.

        Raises:
            ValueError: it is not a valid one.
        """
        decoded = A_ASSOCIATE_RQ()
        try:
            decoded.decode(request)
            asked = decoded.to_primitive()
            requested = asked.presentation_context_definition_list
            results, roles = negotiate_unrestricted(requested, self._supported, _roles(asked))
            pdu = self._encode(asked, results, roles)
        except Exception as error:  # a stranger's bytes: pynetdicom's decoders raise errors of any class
            raise ValueError(f"{type(error).__name__}: {error}"[:200]) from error
        return Acceptance(
            application_context_name=str(asked.application_context_name or ""),
            maximum_length=asked.maximum_length_received or 0,
            contexts={
                context.context_id: (str(context.abstract_syntax), str(context.transfer_syntax[0]))
                for context in results
                if context.result == 0 and context.context_id is not None
            },
            pdu=pdu,
        )

    def _encode(
        self, asked: A_ASSOCIATE, results: list[PresentationContext], roles: list[SCP_SCU_RoleSelectionNegotiation]
    ) -> bytes:
        length = MaximumLengthNotification()
        length.maximum_length_received = self._maximum_length
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


def _roles(asked: A_ASSOCIATE) -> dict[UID, tuple[bool | None, bool | None]]:
    items = (item for item in asked.user_information if isinstance(item, SCP_SCU_RoleSelectionNegotiation))
    return {item.sop_class_uid: (item.scu_role, item.scp_role) for item in items if item.sop_class_uid is not None}
