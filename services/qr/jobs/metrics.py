"""The metrics of the qr service, beside those of its messages."""

from prometheus_client import Counter, Histogram

STUDIES = Counter("dosewire_qr_studies_total", "Studies whose retrieval is over, by how it ended", ["state"])
ASSOCIATION_SECONDS = Histogram(
    "dosewire_qr_association_seconds",
    "How long an association with a remote node took, by what it was for",
    ["purpose"],
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 1200),
)
LOST_MESSAGES = Counter("dosewire_qr_lost_messages_total", "Steps published again because their message had not come")
SCHEDULED_RUNS = Counter("dosewire_qr_scheduled_runs_total", "Runs of schedules, by whether a job was begun", ["begun"])
