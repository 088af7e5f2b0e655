"""The consumer's handler for checks: one message is one node test, or one C-ECHO.

A message may come twice, or again after its worker was killed: a test begins again from its first step, and what is
over, or gone, is dropped. A check that fails is never tried again: the failure is its outcome.
"""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import Engine

from services.qr.checks.caller import NodeCaller
from services.qr.checks.echo_store import NodeEchoes
from services.qr.checks.store import NodeChecks
from services.qr.jobs.claim import claim
from services.qr.remote.errors import RemoteError
from shared.broker.consumer import Delivery
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messages import CheckNode

log = get_logger(__name__)


class CheckHandler:
    """Makes checks; for use by several threads.

    Args:
        engine: for the claims, which mark a test as taken by this worker.
        checks: the tests.
        echoes: the echoes.
        caller: calls the nodes.
    """

    def __init__(self, *, engine: Engine, checks: NodeChecks, echoes: NodeEchoes, caller: NodeCaller) -> None:
        self._engine = engine
        self._checks = checks
        self._echoes = echoes
        self._caller = caller

    def __call__(self, deliveries: Sequence[Delivery[CheckNode]]) -> list[BaseException | None]:
        """Make each check; return the outcome of each message."""
        return [self._outcome(delivery.message) for delivery in deliveries]

    def _outcome(self, message: CheckNode) -> BaseException | None:
        names = message.model_dump(mode="json", exclude={"v"}, exclude_none=True)
        with structlog.contextvars.bound_contextvars(**names):
            try:
                if message.check_id is None:
                    self._echo(message)
                else:
                    with claim(self._engine, message):
                        self._test(message.check_id)
            except Unavailable as error:
                return error  # the message comes again
            return None

    def _test(self, check_id: UUID) -> None:
        check = self._checks.begin(check_id)
        if check is None:
            log.info("nothing to do: the node test is over, or was deleted")
            return
        log.info("node test begins", remote_node=check.remote_node.name)
        outcomes = []
        try:
            for outcome in self._caller.steps(check, arrivals=self._checks.arrivals):
                outcomes.append(outcome)
                self._checks.add_step(check_id, outcome)
        except Unavailable:
            raise
        except RemoteError as error:
            self._checks.fail(check_id, str(error))
        except Exception as error:  # unexpected: it must not leave the test open for ever
            log.exception("node test failed")
            self._checks.fail(check_id, f"{type(error).__name__}; the log of the qr service says more")
        else:
            self._checks.finish(check_id, outcomes)
            log.info("node test over", steps={one.step.value: one.verdict.value for one in outcomes})

    def _echo(self, message: CheckNode) -> None:
        wanted = self._echoes.begin(remote_node_id=message.remote_node_id, store_node_id=message.store_node_id)
        if wanted is None:
            return
        try:
            reply, calling_ae_title = self._caller.echo(wanted.node)
        except Unavailable:
            raise
        except Exception:  # it would be met again
            log.exception("echo failed")
            return
        self._echoes.write(wanted, reply, calling_ae_title=calling_ae_title)
