"""The shell tools, run as a stranger would."""

import os
import subprocess
from pathlib import Path

import pytest

from ops.tools.timescale import timescale_is_provisioned

_TOOLS = Path(__file__).resolve().parents[2] / "ops" / "tools"


def test_provisioning_for_another_user_than_root_skips_in_words_and_succeeds(tmp_path: Path) -> None:
    _program(tmp_path / "id", "echo 1000")
    result = _run("provision.sh", path=f"{tmp_path}:{os.environ['PATH']}")
    assert result.returncode == 0
    assert "SKIPPED" in result.stdout


@pytest.mark.skipif(
    not timescale_is_provisioned(), reason="not provisioned: run `make tools` as root on Debian"
)
def test_provisioning_again_finds_the_timescale_root_and_builds_nothing(tmp_path: Path) -> None:
    for program in ("apt-get", "npm"):
        _program(tmp_path / program, "exit 1")  # a test fetches nothing
    result = _run("provision.sh", path=f"{tmp_path}:{os.environ['PATH']}")
    assert "TimescaleDB root:" in result.stdout
    assert "building" not in result.stdout


def test_a_machine_without_pip_or_ensurepip_is_told_what_to_install(tmp_path: Path) -> None:
    _program(tmp_path / "python3", '[ "$3" = --without-pip ] && exit 0; exit 1')
    result = _run("bootstrap_uv.sh", str(tmp_path / "uv"), path=f"{tmp_path}:{os.environ['PATH']}")
    assert result.returncode == 1
    assert "apt install python3-venv" in result.stderr


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _run(script: str, *arguments: str, path: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(_TOOLS / script), *arguments],
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
