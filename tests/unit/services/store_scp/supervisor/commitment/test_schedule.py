from services.store_scp.supervisor.commitment.schedule import PAUSES, PAUSES_OF_A_DEVICE, Schedule


def schedule(*keys: str) -> Schedule:
    made = Schedule()
    made.update(keys)
    for key in keys:
        made.came_from(key, "CT99")
    return made


def test_what_is_new_is_due_at_once() -> None:
    assert schedule("a", "b").due(now=0.0) == ["a", "b"]


def test_pauses_grow_up_to_the_longest() -> None:
    made, now = schedule("a"), 0.0
    for pause in (*PAUSES, PAUSES[-1]):
        made.put_off("a", now=now)
        assert made.due(now=now + pause - 0.1) == []
        now += pause
        assert made.due(now=now) == ["a"]


def test_what_has_been_due_for_longest_comes_first() -> None:
    made = schedule("a", "b", "c")
    made.put_off("a", now=5.0)
    made.put_off("b", now=2.0)
    assert made.due(now=100.0) == ["c", "b", "a"]


def test_all_requests_of_a_caller_wait_for_it() -> None:
    made = schedule("a", "b", "c")
    made.came_from("c", "MR1")
    assert made.put_off_caller("a", now=0.0, pauses=PAUSES_OF_A_DEVICE)
    assert made.has_to_wait("b", now=1.0)
    assert not made.has_to_wait("c", now=1.0)
    assert made.due(now=1.0) == ["c"]
    later = PAUSES_OF_A_DEVICE[0]
    assert made.due(now=later) == ["c", "a", "b"]
    assert not made.has_to_wait("b", now=later)


def test_a_caller_that_fails_again_is_left_alone_for_longer_until_it_answers() -> None:
    made = schedule("a")
    assert made.put_off_caller("a", now=0.0, pauses=PAUSES_OF_A_DEVICE)
    assert not made.put_off_caller("a", now=10.0, pauses=PAUSES_OF_A_DEVICE)
    assert made.has_to_wait("a", now=10.0 + PAUSES_OF_A_DEVICE[1] - 0.1)
    made.answered("a")
    assert not made.has_to_wait("a", now=10.0)
    assert made.put_off_caller("a", now=10.0, pauses=PAUSES_OF_A_DEVICE)


def test_what_is_gone_is_forgotten_with_its_caller() -> None:
    made = schedule("a")
    made.put_off_caller("a", now=0.0, pauses=PAUSES_OF_A_DEVICE)
    made.update(())
    assert made.due(now=1000.0) == []
    made.update(("b",))
    made.came_from("b", "CT99")
    assert not made.has_to_wait("b", now=0.0)
