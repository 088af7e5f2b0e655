"""The watch over the key of hashes: without it, values that the privacy policy wants hashed are lost."""

from collections.abc import Mapping

from shared.database.models import Handling
from shared.health import Health
from shared.logging import get_logger

log = get_logger(__name__)

PART = "privacy_hash_key"
MISSING = (
    "there is none, so what the privacy policy wants hashed is dropped: give DOSEWIRE_PRIVACY_HASH_KEY or"
    " DOSEWIRE_PRIVACY_HASH_KEY_FILE to this importer, the same as to config_api"
)


class HashKeyWatch:
    """Reports the health part `privacy_hash_key`; the log has one warning each time that it becomes a fault.

    The part stays ready, as to import without an ID is better than not to import: its detail says what is wrong.
    """

    def __init__(self, *, has_key: bool, health: Health) -> None:
        self._has_key = has_key
        self._health = health
        self._missing = False

    def look(self, privacy: Mapping[str, Handling]) -> None:
        """Check that the key is there if the privacy policy asks for hashes."""
        dropped = [] if self._has_key else sorted(name for name, how in privacy.items() if how is Handling.HASH)
        if dropped and not self._missing:
            log.warning("the privacy policy wants hashes, and there is no key: values are dropped", items=dropped)
        self._missing = bool(dropped)
        self._health.report(PART, ready=True, detail=MISSING if dropped else "")
