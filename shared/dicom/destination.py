"""A store node of ours as the destination of a C-MOVE."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Destination:
    """Our store node as the remote node must know it: what an operator enters there."""

    name: str
    ae_title: str
    host: str | None
    """None: on the machine where the store_scp service runs."""
    port: int

    def __str__(self) -> str:
        where = self.host or "the address of the machine where Dosewire's store_scp runs"
        return f"AE title {self.ae_title}, {where}, port {self.port}"
