"""One worker at a step, and none for longer than it lives."""

import subprocess
import sys
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from services.qr.jobs.claim import claim
from services.qr.remote.errors import WorkTaken
from shared.messages import QrStep

pytestmark = pytest.mark.integration

HOLD = """
import sys, time
from services.qr.jobs.claim import claim
from shared.database.engine import make_engine
from shared.messages import QrStep
engine = make_engine(database_url=sys.argv[1], name="test")
with claim(engine, QrStep.model_validate_json(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_step_is_held_by_one(engine: Engine) -> None:
    step = QrStep(job_id=uuid4(), study_id=1)
    with claim(engine, step), pytest.raises(WorkTaken), claim(engine, step):
        pass
    with claim(engine, step):
        pass


def test_steps_do_not_keep_each_other(engine: Engine) -> None:
    job_id = uuid4()
    with (
        claim(engine, QrStep(job_id=job_id)),
        claim(engine, QrStep(job_id=job_id, study_id=1)),
        claim(engine, QrStep(job_id=job_id, study_id=2)),
        claim(engine, QrStep(job_id=uuid4())),
    ):
        pass


def test_a_worker_that_is_killed_lets_go(engine: Engine, database_url: str) -> None:
    step = QrStep(job_id=uuid4())
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, database_url, step.model_dump_json()], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "held\n"
        with pytest.raises(WorkTaken), claim(engine, step):
            pass
        worker.kill()
    for _ in range(50):
        try:
            with claim(engine, step):
                return
        except WorkTaken:
            with engine.connect() as connection:
                connection.execute(text("SELECT pg_sleep(0.1)"))
    pytest.fail("the claim outlives its worker")


def test_an_error_in_the_block_lets_go_and_passes(engine: Engine) -> None:
    step = QrStep(job_id=uuid4())
    with pytest.raises(ZeroDivisionError), claim(engine, step):
        1 / 0  # noqa: B018
    with claim(engine, step):
        pass
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
