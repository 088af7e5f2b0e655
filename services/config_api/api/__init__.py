"""The REST interface, version 1: one module for each resource, which parses requests, calls actions, and renders."""

from flask_openapi3.blueprint import APIBlueprint

from services.config_api.api.dose import received_objects, studies
from services.config_api.api.nodes import (
    node_checks,
    node_echoes,  # noqa: F401 (adds its endpoints to those of `remote_nodes` and `store_nodes`)
    rejected_callers,
    remote_nodes,
    store_nodes,
)
from services.config_api.api.policies import (
    deletion_policies,
    equipment,
    ignore_rules,
    not_patient_patterns,
    privacy_policy,
)
from services.config_api.api.query_retrieve import jobs, schedules
from services.config_api.api.state import queues, status

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    store_nodes.api,
    remote_nodes.api,
    node_checks.api,
    rejected_callers.api,
    received_objects.api,
    studies.api,
    jobs.api,
    schedules.api,
    queues.api,
    deletion_policies.api,
    privacy_policy.api,
    not_patient_patterns.api,
    ignore_rules.api,
    equipment.api,
    status.api,
)
