"""The settings of the importer."""

from pydantic import Field

from shared.settings import Port, PrivacyHashKey, Settings


class ImporterSettings(Settings):
    """The settings that the importer has beyond those of every service."""

    health_port: Port = 9102
    prefetch: int = Field(default=32, ge=1, le=1000)
    """Messages that may be here unanswered."""
    batch_size: int = Field(default=16, ge=1, le=1000)
    """Messages that share a transaction at most."""
    memory_limit_mb: int = Field(default=1024, ge=0)
    """An object that needs more is refused instead of ending the process; 0: no limit."""
    privacy_hash_key: PrivacyHashKey | None = None
    """The key of hashes that the privacy policy asks for; without it, what is to be hashed is dropped."""
