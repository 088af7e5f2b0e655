"""The calls of a check, made from the rows of nodes: with the addresses, TLS files and settings that jobs use."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from services.qr.checks.echo import EchoReply, limits_of_echo, send_echo
from services.qr.checks.steps.dimse import take_dimse_steps
from services.qr.checks.steps.plan import ANSWER_SECONDS, DimseCheckPlan, WebCheckPlan, limits_of_check
from services.qr.checks.steps.web import take_web_steps
from services.qr.forwarding.destination import calling_store_node, store_peer_of
from services.qr.remote.association import Link, associate
from services.qr.remote.echo import VERIFICATION
from services.qr.remote.errors import NodeRefuses
from services.qr.remote.nodes import destination_of, peer_of, settings_of, web_peer_of
from services.qr.remote.peer import Peer
from shared.database.base import now
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.node_check import NodeCheck
from shared.jobs.checks import StepOutcome
from shared.jobs.node_settings import RetrieveBy
from shared.tls.client import ClientTls

A_DAY = timedelta(days=1)
"""Time zones east of Greenwich may have the next day already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCaller:
    """Calls nodes to check them.

    Args:
        tls: the files for calls with TLS.
        store_scp_host: the host of our own store nodes, as seen from here.
        calling_ae_title: our AE title when we call the store node of a third party.
        timeout: seconds that a node has for each step of a C-ECHO, and for the connection and the association of a
            test where its own settings do not say.
        stop: set when this process shall end.
    """

    tls: ClientTls
    store_scp_host: str
    calling_ae_title: str
    timeout: float
    stop: threading.Event

    def steps(self, check: NodeCheck, *, arrivals: Callable[[str, str], Mapping[str, str]]) -> Iterator[StepOutcome]:
        """Take the steps of a test, and yield the outcome of each as soon as it is known.

        Args:
            check: the test, with its nodes.
            arrivals: returns the receptions of an object at a store node of ours, by SOP Instance UID and the name of
                the node: their states by trace id.

        Raises:
            RemoteError: the store node is switched off, or was deleted.
            ValueError: the settings of the remote node are not valid.
            Stopping: this worker is being stopped.
        """
        node, store_node = check.remote_node, check.store_node
        if check.to_store_node and store_node is None:
            raise NodeRefuses("the store node that it shall send to was deleted; name another one")
        settings, today = settings_of(node), now().date() + A_DAY
        limits = limits_of_check(
            connect=min(settings.connect_seconds or self.timeout, ANSWER_SECONDS),
            acse=min(settings.acse_seconds or self.timeout, ANSWER_SECONDS),
        )
        web_peer = web_peer_of(node, settings, tls=self.tls)
        if web_peer is not None:
            return take_web_steps(
                WebCheckPlan(
                    peer=web_peer,
                    limits=limits,
                    study_instance_uid=check.study_instance_uid,
                    today=today,
                    modality_key=settings.modality_key,
                    stop=self.stop,
                )
            )
        plan = DimseCheckPlan(
            peer=peer_of(node, settings, tls=self.tls),
            destination=None if store_node is None else destination_of(store_node),
            by_get=settings.retrieve_by is RetrieveBy.GET,
            limits=limits,
            study_instance_uid=check.study_instance_uid,
            today=today,
            modality_key=settings.modality_key,
            stop=self.stop,
        )
        ours = store_node.name if store_node is not None and store_node.managed else None
        return take_dimse_steps(plan, arrivals=None if ours is None else lambda uid: arrivals(uid, ours))

    def echo(self, node: RemoteNode | StoreNode) -> tuple[EchoReply, str]:
        """Send a C-ECHO to a node; return the outcome, and our AE title in it.

        Raises:
            ValueError: the settings of the remote node are not valid.
            Stopping: this worker is being stopped.
        """
        if isinstance(node, RemoteNode):
            peer = peer_of(node, settings_of(node), tls=self.tls)
            return send_echo(self._associated(peer)), peer.calling_ae_title
        peer = store_peer_of(
            node, store_scp_host=self.store_scp_host, calling_ae_title=self.calling_ae_title, tls=self.tls
        )
        called = calling_store_node(
            peer, sop_classes=(VERIFICATION,), limits=limits_of_echo(self.timeout), stop=self.stop
        )
        return send_echo(called), peer.calling_ae_title

    def _associated(self, peer: Peer) -> AbstractContextManager[Link]:
        return associate(
            peer=peer,
            sop_classes=(VERIFICATION,),
            limits=limits_of_echo(self.timeout),
            cancelled=lambda: False,
            stop=self.stop,
        )
