from collections.abc import Mapping

import pytest

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.rejection import Cause, Rejection
from services.store_scp.node.admission.policy import Policy

PROBE = "K3V9X7Q2M5T8W1ZA"
RESTRICTED: Mapping[str, object] = {
    "allowed_calling_ae_titles": ("CT1", "CT_2 B"),
    "allowed_peers": ("192.0.2.0/24", "2001:db8::/32"),
    "maximum_associations": 5,
    "maximum_associations_per_ae_title": 2,
    "maximum_associations_per_address": 3,
}


def policy(**values: object) -> Policy:
    given = {"node_id": 1, "name": "CT hall", "ae_title": "DOSEWIRE", "port": 11112} | values
    definition = NodeDefinition.model_validate(given)
    return Policy.from_definition(definition, maximum_associations=200, probe_ae_title=PROBE)


def ask(asked: Policy, **values: object) -> Rejection | None:
    given: dict[str, object] = {
        "called": "DOSEWIRE", "calling": "CT1", "address": "192.0.2.7",
        "open_here": 0, "open_of_ae_title": 0, "open_of_address": 0,
    }  # fmt: skip
    return asked.rejection(**(given | values))  # type: ignore[arg-type]  # by name, as each case needs


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"called": "DOSEWIRE        ", "calling": " CT1"},
        {"calling": "CT_2 B"},
        {"address": "2001:db8::17"},
        {"address": "::ffff:192.0.2.7"},
        {"open_here": 4, "open_of_ae_title": 1, "open_of_address": 2},
    ],
)
def test_a_caller_who_may_is_admitted(values: Mapping[str, object]) -> None:
    assert ask(policy(**RESTRICTED), **values) is None


@pytest.mark.parametrize(
    ("values", "cause", "numbers"),
    [
        ({"called": "OTHER"}, Cause.CALLED_AE_TITLE, (1, 1, 7)),
        ({"called": "dosewire"}, Cause.CALLED_AE_TITLE, (1, 1, 7)),
        ({"called": ""}, Cause.CALLED_AE_TITLE, (1, 1, 7)),
        ({"calling": "CT3"}, Cause.CALLING_AE_TITLE, (1, 1, 3)),
        ({"calling": "ct1"}, Cause.CALLING_AE_TITLE, (1, 1, 3)),
        ({"address": "198.51.100.1"}, Cause.ADDRESS, (1, 1, 3)),
        ({"address": ""}, Cause.ADDRESS, (1, 1, 3)),
        ({"application_context": "1.2.3"}, Cause.APPLICATION_CONTEXT, (1, 1, 2)),
        ({"protocol_version": 2}, Cause.PROTOCOL_VERSION, (1, 2, 2)),
        ({"open_here": 5}, Cause.NODE_LIMIT, (2, 3, 2)),
        ({"open_here": 2, "open_of_ae_title": 2}, Cause.AE_TITLE_LIMIT, (2, 3, 2)),
        ({"open_here": 3, "open_of_address": 3}, Cause.ADDRESS_LIMIT, (2, 3, 2)),
    ],
)
def test_a_rejection_has_the_numbers_of_the_standard(
    values: Mapping[str, object], cause: Cause, numbers: tuple[int, int, int]
) -> None:
    found = ask(policy(**RESTRICTED), **values)
    assert found is not None
    assert (found.cause, (found.result, found.source, found.reason)) == (cause, numbers)


def test_a_protocol_version_of_which_bit_0_is_set_will_do() -> None:
    assert ask(policy(), protocol_version=0b11) is None


def test_a_stranger_learns_nothing_of_ae_titles_and_limits() -> None:
    found = ask(policy(**RESTRICTED), address="198.51.100.1", called="OTHER", calling="X", open_here=99)
    assert found is not None
    assert found.cause is Cause.ADDRESS


def test_without_restrictions_the_called_ae_title_is_what_counts() -> None:
    assert ask(policy(), calling="ANYBODY", address="203.0.113.5", open_of_ae_title=150) is None
    found = ask(policy(), called="OTHER")
    assert found is not None
    assert found.cause is Cause.CALLED_AE_TITLE


def test_any_called_ae_title_by_choice() -> None:
    assert ask(policy(check_called_ae_title=False), called="WHATEVER") is None


def test_the_limit_of_the_installation_holds_where_a_node_has_none() -> None:
    assert ask(policy(), open_here=199, open_of_ae_title=199, open_of_address=199) is None
    found = ask(policy(), open_here=200)
    assert found is not None
    assert found.cause is Cause.NODE_LIMIT


def test_the_supervisors_echo_gets_through_whatever_is_allowed() -> None:
    full = {"open_here": 99, "open_of_ae_title": 99, "open_of_address": 99}
    assert ask(policy(**RESTRICTED), calling=PROBE, address="127.0.0.1", **full) is None
    assert policy().is_probe(PROBE + " ")
    assert not policy().is_probe("CT1")


def test_nobody_is_the_probe_where_there_is_none() -> None:
    definition = NodeDefinition(node_id=1, name="n", ae_title="A", port=104, allowed_calling_ae_titles=("CT1",))
    alone = Policy.from_definition(definition, maximum_associations=1)
    assert not alone.is_probe("")
    assert ask(alone, called="A", calling="") is not None


def test_the_probes_title_is_not_shown() -> None:
    assert PROBE not in repr(policy())


def test_a_definition_with_a_peer_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="neither an IP address nor a network"):
        policy(allowed_peers=("somewhere",))
