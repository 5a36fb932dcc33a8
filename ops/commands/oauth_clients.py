"""Commands about applications that may sign people in: OAuth 2.0 clients."""

import secrets
from typing import Annotated

import typer

from ops.commands.accounts import act_as_owner
from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem

client_commands = typer.Typer(no_args_is_help=True, help="Applications that may sign people in (OAuth 2.0).")


def register(app: typer.Typer) -> None:
    app.add_typer(client_commands, name="oauth-client")


@client_commands.command("create")
def client_create(
    name: Annotated[str, typer.Argument(help="What people read on the sign-in page.")],
    redirect_uri: Annotated[
        list[str], typer.Option("--redirect-uri", help="Where codes may be sent, exactly; repeat for more.")
    ],
    client_id: Annotated[
        str | None, typer.Option("--client-id", help="Change this one; left out: a new one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Register an application, or change the name and addresses of one. It has no secret: it must use PKCE."""
    from ops.oauth_clients import check_redirect_uri, put_client  # noqa: PLC0415

    for address in redirect_uri:
        problem = check_redirect_uri(address)
        if problem:
            raise CommandProblem(f"{address}: {problem}")
    chosen = client_id or secrets.token_urlsafe(12)
    act_as_owner(lambda desk: put_client(desk, chosen, name, redirect_uri))
    show({"client_id": chosen, "name": name, "redirect_uris": redirect_uri}, as_json=as_json)


@client_commands.command("list")
def client_list(as_json: AsJson = False) -> None:
    """List the registered applications."""
    from ops.oauth_clients import list_clients  # noqa: PLC0415

    clients = act_as_owner(list_clients)
    show({"clients": clients}, as_json=as_json)


@client_commands.command("delete")
def client_delete(
    client_id: Annotated[str, typer.Argument(help="Its client id.")], as_json: AsJson = False
) -> None:
    """Remove an application and end the sessions it opened, within a minute."""
    from ops.oauth_clients import delete_client  # noqa: PLC0415

    ended = act_as_owner(lambda desk: delete_client(desk, client_id))
    if ended is None:
        raise CommandProblem(f"there is no application {client_id!r}; see: homeroom oauth-client list")
    show({"client_id": client_id, "sessions_ended": ended}, as_json=as_json)
