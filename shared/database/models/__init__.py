"""The tables, a module a concept. Importing this package registers all of them with `Base.metadata`."""

from shared.database.base import Base
from shared.database.models.node import RemoteNode, StoreNode, StoreNodeState
from shared.database.models.policy import DeletionPolicy, Disposition
from shared.database.models.qr import QrJob, QrJobState, QrStudy, QrStudyState
from shared.database.models.received_object import ObjectState, ReceivedObject

__all__ = [
    "Base",
    "DeletionPolicy",
    "Disposition",
    "ObjectState",
    "QrJob",
    "QrJobState",
    "QrStudy",
    "QrStudyState",
    "ReceivedObject",
    "RemoteNode",
    "StoreNode",
    "StoreNodeState",
]
