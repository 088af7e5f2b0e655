from services.store_scp.supervisor.nodes.keeper import pause_before


def test_a_node_that_ended_once_is_started_at_once() -> None:
    assert pause_before(1) == 0.0


def test_a_node_that_ends_again_and_again_waits_longer_up_to_half_a_minute() -> None:
    pauses = [pause_before(start) for start in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30.0
