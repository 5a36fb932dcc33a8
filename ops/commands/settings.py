"""Which installation a command speaks to: the environment's, else the one `homeroom up` runs here."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ops.commands.problems import CommandProblem

if TYPE_CHECKING:
    from core.config import Settings

STATE_DIRECTORY = Path(".homeroom")
LOCAL_ENVIRONMENT = STATE_DIRECTORY / "environment"


def use_local_installation(path: Path = LOCAL_ENVIRONMENT) -> None:
    """Take settings that nobody gave from the file that `homeroom up` leaves.

    Given ones always win, whether in the environment or in `.env`.
    """
    if not path.exists():
        return
    from dotenv import dotenv_values  # noqa: PLC0415

    given = dotenv_values(".env")
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if not given.get(name):
            os.environ.setdefault(name, value)


def current_settings() -> "Settings":
    """Return the settings, read when a command needs them: their library is slow to load."""
    from core.config import get_settings  # noqa: PLC0415

    return get_settings()


def require_setting(name: str) -> str:
    """Return a setting by its field name. Raises CommandProblem when it is empty."""
    value = str(getattr(current_settings(), name))
    if not value:
        raise CommandProblem(
            f"HOMEROOM_{name.upper()} is not set, and no `homeroom up` has run in this folder"
        )
    return value


def settings_with_database() -> "Settings":
    """Return the settings of a program that serves. Raises CommandProblem without a database."""
    require_setting("database_url")
    return current_settings()
