"""The admission policy of a store node, which decides whether a caller may open an association. Pure functions.

The supervisor calls a node every few seconds to see whether it answers. That call is always admitted, and no other
caller may pass for it. So its calling AE title is a random one for each node process, which finds it in the environment
(`definitions.PROBE_VARIABLE`); it never leaves this machine.
"""

from dataclasses import dataclass, field
from typing import Self

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.rejection import Cause, Rejection, reject
from services.store_scp.node.admission.peers import Peers
from shared.dicom.uid import APPLICATION_CONTEXT

PROTOCOL_VERSION = 1
"""Bit 0 of the protocol-version field of an A-ASSOCIATE-RQ (PS3.8 section 9.3.2); other bits are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The admission rules of one node, prepared for fast decisions. `from_definition` makes it."""

    node: str
    ae_title: str
    """The AE title that callers have to name; empty: any."""
    calling_ae_titles: frozenset[str]
    peers: Peers
    maximum: int
    maximum_per_ae_title: int
    maximum_per_address: int
    probe_ae_title: str = field(default="", repr=False)

    @classmethod
    def from_definition(
        cls, definition: NodeDefinition, *, maximum_associations: int, probe_ae_title: str = ""
    ) -> Self:
        """Return the policy of a node.

        Args:
            definition: the node.
            maximum_associations: the limit for nodes that have none of their own.
            probe_ae_title: the calling AE title of the supervisor's C-ECHO (`PROBE_VARIABLE`); empty: there is none.

        Raises:
            ValueError: one of the allowed peers is neither an address nor a network.
        """
        maximum = definition.maximum_associations or maximum_associations
        return cls(
            node=definition.name,
            ae_title=definition.ae_title.strip(" ") if definition.check_called_ae_title else "",
            calling_ae_titles=frozenset(title.strip(" ") for title in definition.allowed_calling_ae_titles),
            peers=Peers(definition.allowed_peers),
            maximum=maximum,
            maximum_per_ae_title=definition.maximum_associations_per_ae_title or maximum,
            maximum_per_address=definition.maximum_associations_per_address or maximum,
            probe_ae_title=probe_ae_title,
        )

    def rejection(
        self,
        *,
        called: str,
        calling: str,
        address: str,
        open_here: int,
        open_of_ae_title: int,
        open_of_address: int,
        application_context: str = APPLICATION_CONTEXT,
        protocol_version: int = PROTOCOL_VERSION,
    ) -> Rejection | None:
        """Return why an association is refused, or None: it may be accepted.

        A caller from a wrong address learns nothing of AE titles, and one with a wrong title nothing of limits.

        Args:
            called: the called AE title, blanks around it do not count (PS3.8 section 9.3.2).
            calling: the calling AE title.
            address: where the connection comes from, IPv4 or IPv6.
            open_here: associations that the node has now, without this one.
            open_of_ae_title: those of the same calling AE title.
            open_of_address: those from the same address.
            application_context: the application context name of the request.
            protocol_version: its protocol-version field.
        """
        cause = self._syntax(application_context, protocol_version)
        if cause is None and not self.is_probe(calling):
            cause = self._caller(called, calling, address) or self._limit(open_here, open_of_ae_title, open_of_address)
        if cause is None:
            return None
        return reject(cause, node=self.node, called=called, calling=calling, address=address)

    def is_probe(self, calling: str) -> bool:
        """Whether the caller is the supervisor, which looks whether the node answers: neither limited nor logged."""
        return bool(self.probe_ae_title) and calling.strip(" ") == self.probe_ae_title

    def _syntax(self, application_context: str, protocol_version: int) -> Cause | None:
        if not protocol_version & PROTOCOL_VERSION:
            return Cause.PROTOCOL_VERSION
        return Cause.APPLICATION_CONTEXT if application_context != APPLICATION_CONTEXT else None

    def _caller(self, called: str, calling: str, address: str) -> Cause | None:
        if address not in self.peers:
            return Cause.ADDRESS
        if self.ae_title and called.strip(" ") != self.ae_title:
            return Cause.CALLED_AE_TITLE
        if self.calling_ae_titles and calling.strip(" ") not in self.calling_ae_titles:
            return Cause.CALLING_AE_TITLE
        return None

    def _limit(self, open_here: int, open_of_ae_title: int, open_of_address: int) -> Cause | None:
        if open_here >= self.maximum:
            return Cause.NODE_LIMIT
        if open_of_ae_title >= self.maximum_per_ae_title:
            return Cause.AE_TITLE_LIMIT
        return Cause.ADDRESS_LIMIT if open_of_address >= self.maximum_per_address else None
