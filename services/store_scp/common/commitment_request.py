"""A request for storage commitment, kept from the N-ACTION until its report is sent."""

import hashlib
from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict


class Reference(NamedTuple):
    """An item of Referenced SOP Sequence (0008,1199)."""

    sop_class_uid: str
    sop_instance_uid: str


class CommitmentRequest(BaseModel):
    """A request as it stands on disk. It holds no patient data."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Literal[1] = 1
    transaction_uid: str
    """Transaction UID (0008,1195), by which the report is recognised."""
    references: tuple[Reference, ...]
    requested_at: datetime
    node: str
    """The friendly name of the store node."""
    calling_ae_title: str
    """The AE title of the Storage Commitment SCU, which gets the report."""
    called_ae_title: str
    """The AE title that the request was sent to; it is also the sender of the report."""
    peer_address: str

    @property
    def key(self) -> str:
        """Its name: a caller that repeats a transaction gets one report."""
        identity = f"{self.calling_ae_title}\n{self.transaction_uid}"
        return hashlib.sha256(identity.encode()).hexdigest()[:32]
