"""scripts/setup.sh, function by function, in a real bash."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]


def bash(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a script after scripts/setup.sh was sourced, as scripts/demo does."""
    return subprocess.run(
        ["bash", "-uo", "pipefail", "-c", f"source {CHECKOUT}/scripts/setup.sh\n{script}"],
        env=dict(os.environ) | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_root_and_sudo_it_says_what_an_administrator_runs() -> None:
    done = bash("become_root() { false; }\ninstall_packages postgresql dcmtk\necho went on")
    assert done.returncode == 1
    assert "apt-get install --yes --no-install-recommends postgresql dcmtk" in done.stderr
    assert "went on" not in done.stdout


def test_what_is_there_is_not_installed_again() -> None:
    done = bash('install_packages() { echo installs "$@"; }\nneed_packages bash util-linux no-such-package')
    assert done.stdout == "installs no-such-package\n"


def test_a_step_shows_its_output_only_when_it_fails() -> None:
    done = bash("step 'Works' echo quiet && step 'Breaks' sh -c 'echo the reason; exit 3' || echo status $?")
    assert "== Works" in done.stdout
    assert "quiet" not in done.stdout + done.stderr
    assert "FAILED" in done.stdout
    assert done.stderr.strip() == "the reason"
    assert done.stdout.endswith("status 3\n")


def test_a_python_that_is_too_old_or_cannot_make_environments_is_passed_over(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # as Debian's answers `import ensurepip` without python3-venv
    old.chmod(0o755)
    (tmp_path / "python3.13").symlink_to(sys.executable)
    done = bash("find_python", PATH=f"{tmp_path}:{os.environ['PATH']}", PYTHON="")
    assert done.stdout.strip() == str(tmp_path / "python3.13")


def test_a_named_python_comes_first() -> None:
    assert bash("find_python", PYTHON=sys.executable).stdout.strip() == sys.executable


def test_an_environment_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    script = f"""
        venv={tmp_path}; mkdir -p $venv/bin
        printf '#!/bin/sh\\nexec {sys.executable} "$@"\\n' >$venv/bin/python; chmod +x $venv/bin/python
        step() {{ echo "step $1"; }}
        make_environment; echo ---; make_environment; echo ---
        cat() {{ command cat "$@"; [ "$1" != requirements/dev.txt ] || echo changed; }}
        make_environment
    """
    first, second, third = bash(script).stdout.split("---\n")
    assert "Installing the Python packages" in first
    assert second == ""
    assert "Installing the Python packages" in third
