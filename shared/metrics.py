"""The metrics of all services, for Prometheus, by its conventions: the unit last, totals end in `_total`."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("dosewire_messages_total", "Messages answered, by work queue and outcome", ["queue", "outcome"])
OBJECTS_RECEIVED = Counter("dosewire_objects_received_total", "Objects found in the spool and published", ["node"])
OBJECTS_IMPORTED = Counter("dosewire_objects_imported_total", "Objects that importers are done with", ["state"])
IMPORT_SECONDS = Histogram("dosewire_import_seconds", "From the start of a batch to its commit")
SPOOL_OBJECTS = Gauge("dosewire_spool_objects", "Objects that lie in a folder of the spool", ["folder"])
COMMITMENT_REQUESTS = Gauge("dosewire_storage_commitment_requests", "Storage commitment requests that wait")
COMMITMENT_REPORTS = Counter(
    "dosewire_storage_commitment_reports_total", "Storage commitment requests that have ended", ["outcome"]
)
NODES_ALIVE = Gauge("dosewire_store_nodes_alive", "Store nodes that answer")
ASSOCIATIONS_OPEN = Gauge("dosewire_associations_open", "Associations that a store node has now", ["node"])
ASSOCIATIONS_REJECTED = Counter(
    "dosewire_associations_rejected_total", "Callers that store nodes have turned away", ["node", "cause"]
)
SPOOL_FREE_BYTES = Gauge("dosewire_spool_free_bytes", "Room on the disk of the spool")
SPOOL_BELOW_WATERMARK = Gauge("dosewire_spool_below_watermark", "1 while nodes receive nothing for want of room")
