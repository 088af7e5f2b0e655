"""The outcome of a C-ECHO in responses."""

from typing import Self

from pydantic import Field

from services.config_api.api.common.base import ResponseModel
from services.config_api.echo import EchoResult, Target


class EchoOutput(ResponseModel):
    """The outcome of a C-ECHO."""

    alive: bool
    state: str = Field(examples=["alive", "association fail"])
    detail: str = Field(description="What happened, and what to look at, in words")
    duration_ms: int
    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str

    @classmethod
    def of(cls, target: Target, result: EchoResult) -> Self:
        """Return what the interface says of an outcome."""
        return cls(
            alive=result.alive,
            state=result.state,
            detail=result.detail,
            duration_ms=result.duration_ms,
            host=target.host,
            port=target.port,
            called_ae_title=target.called_ae_title,
            calling_ae_title=target.calling_ae_title,
        )
