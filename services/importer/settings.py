"""The settings of the importer."""

from pydantic import Field

from shared.settings import Port, PrivacyHashKey, Settings


class ImporterSettings(Settings):
    """The settings that the importer has beyond those of every service."""

    health_port: Port = 9102
    prefetch: int = Field(default=32, ge=1, le=1000)
    """The most messages that may be unacknowledged at this importer."""
    batch_size: int = Field(default=16, ge=1, le=1000)
    """The most messages in one transaction."""
    memory_limit_mb: int = Field(default=1024, ge=0)
    """The memory of the process: an object that needs more is refused instead of ending the process; 0: no limit."""
    privacy_hash_key: PrivacyHashKey | None = None
    """The key of the hashes that the privacy policy asks for; without it, values to be hashed are dropped."""
