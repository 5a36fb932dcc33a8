"""Commands that create what no web page may: districts, schools, and their first admins."""

import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem
from ops.commands.settings import current_settings, require_setting

if TYPE_CHECKING:
    from ops.directory import OwnerDesk

T = TypeVar("T")

district_commands = typer.Typer(no_args_is_help=True, help="Districts: the tenants.")
school_commands = typer.Typer(no_args_is_help=True, help="Schools of a district.")
admin_commands = typer.Typer(no_args_is_help=True, help="Admins of a school or a district.")
user_commands = typer.Typer(no_args_is_help=True, help="Whether somebody may sign in, and as what.")

FROM_STDIN = "-"
"""A password given so is read from stdin: `ps` shows command lines to everybody."""

Email = Annotated[str, typer.Argument(help="The address they sign in with.")]
District = Annotated[UUID, typer.Option("--district", help="Id of the district.")]


def register(app: typer.Typer) -> None:
    app.add_typer(district_commands, name="district")
    app.add_typer(school_commands, name="school")
    app.add_typer(admin_commands, name="admin")
    app.add_typer(user_commands, name="user")


@district_commands.command("create")
def district_create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    time_zone: Annotated[str, typer.Option("--time-zone", help="IANA name.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Create a district and list it in the directory."""
    from ops.directory import create_district  # noqa: PLC0415

    district_id = act_as_owner(lambda desk: create_district(desk, name, time_zone))
    show({"district_id": str(district_id), "name": name}, as_json=as_json)


@school_commands.command("create")
def school_create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    district: District,
    as_json: AsJson = False,
) -> None:
    """Create a school in a district."""
    from ops.directory import create_school  # noqa: PLC0415

    school_id = act_as_owner(lambda desk: create_school(desk, district, name))
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
    user_id = act_as_owner(lambda desk: create_admin(desk, admin))
    made_up = {} if password else {"password": chosen}
    show({"user_id": str(user_id), "email": admin.email, **made_up}, as_json=as_json)


@user_commands.command("disable")
def user_disable(email: Email, as_json: AsJson = False) -> None:
    """Close an account: its sessions end, and nobody signs in to it any more."""
    _change(email, as_json, status="disabled")


@user_commands.command("enable")
def user_enable(email: Email, as_json: AsJson = False) -> None:
    """Open a closed account again."""
    _change(email, as_json, status="active")


@user_commands.command("role")
def user_role(
    email: Email,
    role: Annotated[str, typer.Argument(help="student, teacher or admin (of their school).")],
    as_json: AsJson = False,
) -> None:
    """Change somebody's role; they sign in again to have it."""
    _change(email, as_json, role=role)


def _change(email: str, as_json: bool, **wanted: str) -> None:
    from core.models import UserStatus  # noqa: PLC0415
    from core.tenancy import Role  # noqa: PLC0415
    from ops.standing import Standing, announce, change_standing  # noqa: PLC0415

    if wanted.get("role", "admin") not in list(Role):
        raise CommandProblem(f"there is no role {wanted['role']!r}; take student, teacher or admin")
    standing = Standing(
        Role(wanted["role"]) if "role" in wanted else None,
        UserStatus(wanted["status"]) if "status" in wanted else None,
    )
    changed = act_as_owner(lambda desk: change_standing(desk, email, standing))
    announce(current_settings(), changed)
    ended = len(changed.sessions)
    show({"user_id": str(changed.user_id), **wanted, "sessions_ended": ended}, as_json=as_json)


def _chosen(given: str | None) -> str:
    if given == FROM_STDIN:
        return sys.stdin.readline().rstrip("\n")
    return given or secrets.token_urlsafe(12)


def act_as_owner(act: "Callable[[OwnerDesk], T]") -> T:
    """Run an act in one transaction of the owner of the tables. Raises CommandProblem for what cannot be done."""
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
