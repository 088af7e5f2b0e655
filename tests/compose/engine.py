"""The Docker of this machine: can it build and run docker-compose.yml, and what is missing where it cannot."""

import os
import shutil
import subprocess
from pathlib import Path

BASE_IMAGES = ("python:3.13-slim-trixie", "postgres:17", "rabbitmq:4-management")
STAND_IN = Path(__file__).parents[3] / "shared" / "tools" / "stand-in-images" / "build"
"""Beside the project on machines without a container registry: makes the base images, and installs Docker."""


def missing() -> str:
    """Return what is missing, in words, after having tried to get it; empty where everything is there."""
    if not _problem():
        return ""
    if STAND_IN.is_file() and os.geteuid() == 0:
        subprocess.run([STAND_IN], check=True, stdin=subprocess.DEVNULL, timeout=1200)
    elif not _engine_problem():
        for image in BASE_IMAGES:
            _succeeds("docker", "pull", "--quiet", image, timeout=600)
    return _problem()


def _problem() -> str:
    return _engine_problem() or _image_problem()


def _engine_problem() -> str:
    if shutil.which("docker") is None:
        return "Docker is not installed"
    if not _succeeds("docker", "info"):
        return "no Docker daemon answers"
    if not _succeeds("docker", "compose", "version") or not _succeeds("docker", "buildx", "version"):
        return "Docker's plug-ins Compose and Buildx are not both installed"
    return ""


def _image_problem() -> str:
    absent = [image for image in BASE_IMAGES if not _succeeds("docker", "image", "inspect", image)]
    return f"these base images are neither here nor can they be pulled: {', '.join(absent)}" if absent else ""


def _succeeds(*command: str, timeout: float = 30) -> bool:
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0
