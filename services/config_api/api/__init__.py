"""The REST interface, version 1: a module a resource, with its models, its queries and its endpoints."""

from flask_openapi3.blueprint import APIBlueprint

from services.config_api.api import (
    deletion_policies,
    equipment,
    ignore_rules,
    not_patient_patterns,
    privacy_policy,
    qr_jobs,
    qr_schedules,
    queues,
    received_objects,
    rejected_callers,
    remote_node_test,  # noqa: F401 (adds its endpoint to those of `remote_nodes`)
    remote_nodes,
    status,
    store_nodes,
    studies,
)

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    store_nodes.api,
    remote_nodes.api,
    rejected_callers.api,
    received_objects.api,
    studies.api,
    qr_jobs.api,
    qr_schedules.api,
    queues.api,
    deletion_policies.api,
    privacy_policy.api,
    not_patient_patterns.api,
    ignore_rules.api,
    equipment.api,
    status.api,
)
