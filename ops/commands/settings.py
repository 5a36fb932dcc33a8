"""Which installation a command speaks to: the environment's, else the one `homeroom up` runs here."""

import os
from pathlib import Path

from core.config import STATE_DIRECTORY, Settings, get_settings
from ops.commands.problems import CommandProblem

LOCAL_ENVIRONMENT = STATE_DIRECTORY / "environment"


def use_local_installation(path: Path = LOCAL_ENVIRONMENT) -> None:
    """Take settings that nobody gave from the file that `homeroom up` leaves; given ones always win."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        os.environ.setdefault(name, value)


def require_setting(name: str) -> str:
    """Return a setting by its field name. Raises CommandProblem when it is empty."""
    value = str(getattr(get_settings(), name))
    if not value:
        raise CommandProblem(
            f"HOMEROOM_{name.upper()} is not set, and no `homeroom up` has run in this folder"
        )
    return value


def settings_with_database() -> Settings:
    """Return the settings of a program that serves. Raises CommandProblem without a database."""
    require_setting("database_url")
    return get_settings()
