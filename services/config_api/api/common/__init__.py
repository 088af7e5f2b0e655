"""Common to all REST resources: models, responses, blueprints."""
