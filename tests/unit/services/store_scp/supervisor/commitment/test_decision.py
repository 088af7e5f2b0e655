from services.store_scp.common.commitment_request import Reference
from services.store_scp.supervisor.commitment.decision import CommitmentDecision, FailureReason, Fate, Received, judge

CT, SR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.67"
ONE = Reference(SR, "2.25.1")
TWO = Reference(SR, "2.25.2")


def of(reference: Reference, fate: Fate) -> Received:
    return Received(reference.sop_class_uid, reference.sop_instance_uid, fate)


def test_a_safe_object_is_committed() -> None:
    assert judge([ONE], [of(ONE, Fate.SAFE)]) == CommitmentDecision(committed=(ONE,), failed=())


def test_an_object_that_never_came_is_no_such_instance() -> None:
    verdict = judge([ONE, TWO], [of(TWO, Fate.SAFE)])
    assert verdict == CommitmentDecision(committed=(TWO,), failed=((ONE, FailureReason.NO_SUCH_OBJECT_INSTANCE),))


def test_an_object_that_is_gone_is_no_such_instance() -> None:
    assert judge([ONE], [of(ONE, Fate.GONE)]).failed == ((ONE, FailureReason.NO_SUCH_OBJECT_INSTANCE),)


def test_another_sop_class_is_a_conflict() -> None:
    as_image = Reference(CT, ONE.sop_instance_uid)
    assert judge([as_image], [of(ONE, Fate.SAFE)]).failed == ((as_image, FailureReason.CLASS_INSTANCE_CONFLICT),)


def test_the_best_of_several_receptions_counts() -> None:
    receptions = [of(ONE, Fate.GONE), of(Reference(CT, "2.25.1"), Fate.SAFE), of(ONE, Fate.UNDECIDED)]
    assert judge([ONE], receptions).undecided == (ONE,)
    assert judge([ONE], [*receptions, of(ONE, Fate.SAFE)]).committed == (ONE,)


def test_what_is_not_waited_for_has_failed_for_now() -> None:
    verdict = judge([ONE, TWO], [of(ONE, Fate.UNDECIDED)]).without_waiting()
    assert verdict.undecided == ()
    assert dict(verdict.failed) == {
        TWO: FailureReason.NO_SUCH_OBJECT_INSTANCE,
        ONE: FailureReason.PROCESSING_FAILURE,
    }
