"""Commands that create what no web page may: districts, schools, and their first admins."""

import secrets
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from core.config import get_settings
from core.keys import load_keys
from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem
from ops.commands.settings import require_setting
from ops.directory import Admin, DirectoryError, OwnerDesk, create_admin, create_district, create_school

district_commands = typer.Typer(no_args_is_help=True, help="Districts: the tenants.")
school_commands = typer.Typer(no_args_is_help=True, help="Schools of a district.")
admin_commands = typer.Typer(no_args_is_help=True, help="Admins of a school or a district.")

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
    district_id = _run(lambda desk: create_district(desk, name, time_zone))
    show({"district_id": str(district_id), "name": name}, as_json=as_json)


@school_commands.command("create")
def school_create(
    district: District,
    name: Annotated[str, typer.Option("--name", help="Its name.")],
    as_json: AsJson = False,
) -> None:
    """Create a school in a district."""
    school_id = _run(lambda desk: create_school(desk, district, name))
    show({"school_id": str(school_id), "district_id": str(district), "name": name}, as_json=as_json)


@admin_commands.command("create")
def admin_create(
    district: District,
    email: Annotated[str, typer.Option("--email")],
    name: Annotated[str, typer.Option("--name")],
    school: Annotated[UUID | None, typer.Option("--school", help="Left out: admin of the district.")] = None,
    password: Annotated[
        str | None, typer.Option("--password", envvar="HOMEROOM_ADMIN_PASSWORD", help="Left out: made up.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create an admin, and print the password where one was made up."""
    chosen = password or secrets.token_urlsafe(12)
    admin = Admin(
        district_id=district, school_id=school, email=email.strip().lower(), name=name, password=chosen
    )
    user_id = _run(lambda desk: create_admin(desk, admin))
    made_up = {} if password else {"password": chosen}
    show({"user_id": str(user_id), "email": admin.email, **made_up}, as_json=as_json)


def _run(act: Callable[[OwnerDesk], UUID]) -> UUID:
    settings = get_settings()
    require_setting("admin_database_url")
    try:
        keys = load_keys(settings.keys_path)
    except FileNotFoundError as error:
        raise CommandProblem(
            f"there is no key file at {settings.keys_path}; see `homeroom doctor`"
        ) from error
    with OwnerDesk.open(settings.admin_database_url, keys) as desk:
        try:
            return act(desk)
        except DirectoryError as error:
            raise CommandProblem(str(error)) from error
