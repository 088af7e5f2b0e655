from services.store_scp.supervisor.nodes.echo import ProbeResult
from services.store_scp.supervisor.nodes.watch import HUNG_AFTER_SECONDS, Watch

SILENT = ProbeResult("gives no valid answer")
REJECTED = ProbeResult("rejects the association: its limit of associations is reached", is_rejected=True)


def test_a_node_hangs_that_has_not_answered_for_a_minute_since_it_began() -> None:
    watch = Watch(bind="127.0.0.1", tls_files=None)
    watch.begin(now=1000.0)
    assert not watch.hangs(SILENT, now=1000.0 + HUNG_AFTER_SECONDS)
    assert watch.hangs(SILENT, now=1000.1 + HUNG_AFTER_SECONDS)


def test_a_node_that_rejects_is_overloaded_and_does_not_hang() -> None:
    watch = Watch(bind="127.0.0.1", tls_files=None)
    watch.begin(now=0.0)
    assert not watch.hangs(REJECTED, now=10 * HUNG_AFTER_SECONDS)
