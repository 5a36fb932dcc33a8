"""Commands that create what no web page may: districts, schools, and their first admins."""

import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem
from ops.commands.settings import current_settings, require_setting

if TYPE_CHECKING:
    from ops.directory import OwnerDesk

district_commands = typer.Typer(no_args_is_help=True, help="Districts: the tenants.")
school_commands = typer.Typer(no_args_is_help=True, help="Schools of a district.")
admin_commands = typer.Typer(no_args_is_help=True, help="Admins of a school or a district.")

FROM_STDIN = "-"
"""A password given so is read from stdin: `ps` shows command lines to everybody."""

District = Annotated[UUID, typer.Option("--district", help="Id of the district.")]


def register(app: typer.Typer) -> None:
    app.add_typer(district_commands, name="district")
    app.add_typer(school_commands, name="school")
    app.add_typer(admin_commands, name="admin")


@district_commands.command("create")
def district_create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    time_zone: Annotated[str, typer.Option("--time-zone", help="IANA name.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Create a district and list it in the directory."""
    from ops.directory import create_district  # noqa: PLC0415

    district_id = _run(lambda desk: create_district(desk, name, time_zone))
    show({"district_id": str(district_id), "name": name}, as_json=as_json)


@school_commands.command("create")
def school_create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    district: District,
    as_json: AsJson = False,
) -> None:
    """Create a school in a district."""
    from ops.directory import create_school  # noqa: PLC0415

    school_id = _run(lambda desk: create_school(desk, district, name))
    show({"school_id": str(school_id), "district_id": str(district), "name": name}, as_json=as_json)


@admin_commands.command("create")
def admin_create(
    district: District,
    email: Annotated[str, typer.Option("--email")],
    name: Annotated[str, typer.Option("--name")],
    school: Annotated[UUID | None, typer.Option("--school", help="Left out: admin of the district.")] = None,
    password: Annotated[
        str | None,
        typer.Option(
            envvar="HOMEROOM_ADMIN_PASSWORD", help="`-` reads a line from stdin; left out: made up."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create an admin, and print the password where one was made up."""
    from ops.directory import Admin, create_admin  # noqa: PLC0415

    chosen = _chosen(password)
    admin = Admin(
        district_id=district, school_id=school, email=email.strip().lower(), name=name, password=chosen
    )
    user_id = _run(lambda desk: create_admin(desk, admin))
    made_up = {} if password else {"password": chosen}
    show({"user_id": str(user_id), "email": admin.email, **made_up}, as_json=as_json)


def _chosen(given: str | None) -> str:
    if given == FROM_STDIN:
        return sys.stdin.readline().rstrip("\n")
    return given or secrets.token_urlsafe(12)


def _run(act: "Callable[[OwnerDesk], UUID]") -> UUID:
    from core.keys import load_keys  # noqa: PLC0415
    from ops.directory import DirectoryError, OwnerDesk  # noqa: PLC0415

    settings = current_settings()
    require_setting("admin_database_url")
    try:
        keys = load_keys(settings.keys_path)
    except FileNotFoundError as error:
        raise CommandProblem(
            f"there is no key file at {settings.keys_path}; mend: homeroom keys create, or restore your backup"
        ) from error
    with OwnerDesk.open(settings.admin_database_url, keys) as desk:
        try:
            return act(desk)
        except DirectoryError as error:
            raise CommandProblem(str(error)) from error
