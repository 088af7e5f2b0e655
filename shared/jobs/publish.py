"""The message that starts a query/retrieve job, or lets it go on."""

from uuid import UUID

from shared.broker.publisher import Publisher
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messages import QrStep

log = get_logger(__name__)


def publish_job(*, amqp_url: str, job_id: UUID) -> None:
    """Publish a job's next step. Where the broker is away the qr service finds the job in the database instead."""
    try:
        with Publisher(amqp_url=amqp_url, name="dosewire-create-job") as publisher:
            publisher.publish(QrStep(job_id=job_id))
    except Unavailable as error:
        log.warning("job waits for the sweep of the qr service", job=str(job_id), error=str(error))
