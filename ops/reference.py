"""Pages that are generated from the code: the settings in README, docs/errors.md and docs/permissions.md.

Write them with `python -m ops.reference`; a test keeps pages and code the same.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from core.config import Settings
from core.errors import AppError
from core.permissions import PERMISSIONS, Permission, Relation, relation_of
from core.tenancy import Role

ROOT = Path(__file__).parents[1]
SETTINGS_PAGE = Path("README.md")
ERRORS_PAGE = Path("docs/errors.md")
PERMISSIONS_PAGE = Path("docs/permissions.md")
SETTINGS_START = "<!-- settings: written by `python -m ops.reference` -->"
SETTINGS_END = "<!-- end of settings -->"

_ROOMS_WITH_PUBLIC_ERRORS = ("core", "api", "realtime")

_ERRORS_INTRODUCTION = """\
# Errors

Every refusal is the envelope `{"success": false, "data": null, "message", "errors": [{"code", "message", "field"}]}`
(over sockets `{"ok": false, "error": {"code", "message"}}`). Codes are stable: programs may rely on them, never on
the sentences. Another tenant's ids and missing ones answer the same `not_found`. A field that is malformed answers
422 with `invalid_<kind>`, its name in `field`, where the kind is pydantic's name of the fault (`invalid_missing`,
`invalid_uuid_parsing`, `invalid_extra_forbidden`, …). 429 and 503 carry `Retry-After` in seconds.

"""

_PERMISSIONS_INTRODUCTION = """\
# Permissions

Who may do what, and about whom (`core/permissions.py`; a program asks `GET /api/v1/auth/permissions`). A dash is a
door that is closed to the role: 403. A word is the relation to the rows behind an open door; a row outside it answers
404, like one that does not exist. Nothing of one district is ever related to anybody of another.

"""


def settings_table() -> str:
    """Return the settings as a Markdown table, in the order of `core.config.Settings`."""
    rows = [_settings_row(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join(["| setting | default | what it is |", "|---|---|---|", *rows]) + "\n"


def error_table() -> str:
    """Return every public error code as a Markdown table, sorted by code."""
    from api.errors import HTTP_CODES  # noqa: PLC0415 - the settings table alone needs no web framework

    rows = {(error.code, error.status, _sentence(error)) for error in public_errors()}
    rows |= {(code, status, message) for status, (code, message) in HTTP_CODES.items()}
    lines = [f"| `{code}` | {status} | {message} |" for code, status, message in sorted(rows)]
    return "\n".join(["| code | status | message |", "|---|---|---|", *lines]) + "\n"


def relation_table() -> str:
    """Return every relation with its sentence as a Markdown table."""
    rows = [f"| {_in_words(relation)} | {relation.sentence} |" for relation in Relation]
    return "\n".join(["| relation | whose rows |", "|---|---|", *rows]) + "\n"


def permission_table() -> str:
    """Return every permission with each role's relation as a Markdown table, in the order of `core.permissions`."""
    rows = [
        f"| `{permission}` | {PERMISSIONS[permission].what} | {' | '.join(_relations(permission))} |"
        for permission in Permission
    ]
    return "\n".join([f"| permission | what | {' | '.join(Role)} |", "|---|---|---|---|---|", *rows]) + "\n"


def door_table() -> str:
    """Return every route and socket event with its permission and its rate limit as a Markdown table."""
    from api.main import create_app  # noqa: PLC0415 - the settings table alone needs no web framework
    from api.permissions.doors import doors_of  # noqa: PLC0415
    from realtime.client_events import CLIENT_EVENTS  # noqa: PLC0415

    doors = doors_of(create_app(Settings(_env_file=None)))
    rows = [f"| `{door}` | {_permission_cell(door.permission)} | {door.bucket} |" for door in doors]
    rows += [f"| socket `{name}` | `{event.permission}` | - |" for name, event in CLIENT_EVENTS.items()]
    return "\n".join(["| route | permission | counted as |", "|---|---|---|", *rows]) + "\n"


def public_errors() -> list[type[AppError]]:
    """Return AppError and all its subclasses in the rooms that answer clients."""
    for room in _ROOMS_WITH_PUBLIC_ERRORS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            importlib.import_module(module.name)
    return sorted({AppError, *_subclasses(AppError)}, key=lambda error: (error.code, error.__name__))


def errors_page() -> str:
    return _ERRORS_INTRODUCTION + error_table()


def permissions_page() -> str:
    sections = [permission_table(), "## Relations\n\n" + relation_table(), "## Routes\n\n" + door_table()]
    return _PERMISSIONS_INTRODUCTION + "\n".join(sections)


def readme_with_settings(readme: str) -> str:
    """Return the README with its settings table renewed; appended as a section when there is none yet."""
    table = f"{SETTINGS_START}\n{settings_table()}{SETTINGS_END}"
    before, start, rest = readme.partition(SETTINGS_START)
    if not start:
        return f"{readme.rstrip()}\n\n## Settings\n\n{table}\n".lstrip()
    return before + table + rest.partition(SETTINGS_END)[2]


def write_reference(root: Path = ROOT) -> None:
    readme = root / SETTINGS_PAGE
    readme.write_text(readme_with_settings(readme.read_text(encoding="utf-8")), encoding="utf-8")
    (root / ERRORS_PAGE).write_text(errors_page(), encoding="utf-8")
    (root / PERMISSIONS_PAGE).write_text(permissions_page(), encoding="utf-8")


def _settings_row(name: str, field: FieldInfo) -> str:
    description = (field.description or "").replace("|", "\\|").replace("\n", " ")
    return f"| `HOMEROOM_{name.upper()}` | {_default(field)} | {description} |"


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return f"`{default}`" if str(default) else "empty"


def _relations(permission: Permission) -> list[str]:
    relations = [relation_of(role, permission) for role in Role]
    return ["-" if relation is None else _in_words(relation) for relation in relations]


def _in_words(relation: Relation) -> str:
    return relation.value.replace("_", " ")


def _permission_cell(permission: Permission | None) -> str:
    return "public" if permission is None else f"`{permission}`"


def _sentence(error: type[AppError]) -> str:
    """The class docstring's first line is the default message."""
    return (error.__doc__ or "").split("\n", maxsplit=1)[0]


def _subclasses(error: type[AppError]) -> Iterator[type[AppError]]:
    for subclass in error.__subclasses__():
        if subclass.__module__.split(".")[0] in _ROOMS_WITH_PUBLIC_ERRORS:
            yield subclass
        yield from _subclasses(subclass)


if __name__ == "__main__":
    write_reference()
