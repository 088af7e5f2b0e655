"""The REST interface, version 1: a module a resource, with its models, its queries and its endpoints."""

from flask_openapi3.blueprint import APIBlueprint

from services.config_api.api import (
    received_objects,
    remote_nodes,
    store_nodes,
    studies,
)

BLUEPRINTS: tuple[APIBlueprint, ...] = (store_nodes.api, remote_nodes.api, received_objects.api, studies.api)
