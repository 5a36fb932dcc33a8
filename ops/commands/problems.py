"""What a person at the command line is told instead of a traceback."""

NO_ANSWER = (
    "PostgreSQL does not answer at the address in the settings; does `homeroom up` run? See `homeroom doctor`"
)
NO_TABLES = "the database has no tables of ours; run `homeroom migrate`"
NO_RIGHT = "the role in the URL may not do this; HOMEROOM_ADMIN_DATABASE_URL must name the one that owns the database"


class CommandProblem(Exception):  # noqa: N818 - it is what the person is told, not a fault of the program
    """Something the person at the command line can mend, said in one sentence."""


def explained(error: BaseException) -> str | None:
    """Return the sentence for a failure that is not a fault of the program; None for one that is."""
    if isinstance(error, CommandProblem):
        return str(error)
    return _about_settings(error) or _about_postgres(error)


def _about_settings(error: BaseException) -> str | None:
    from pydantic import ValidationError  # noqa: PLC0415 - most commands end without
    from pydantic_settings import SettingsError  # noqa: PLC0415

    if isinstance(error, SettingsError):
        return f"a setting is not the JSON it should be: {error}"
    if isinstance(error, ValidationError) and error.title == "Settings":
        first = error.errors(include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        return f"HOMEROOM_{name}: {first['msg']}"
    return None


def _about_postgres(error: BaseException) -> str | None:
    from psycopg import errors  # noqa: PLC0415 - most commands end without

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, errors.UndefinedTable | errors.InvalidSchemaName):
            return NO_TABLES
        if isinstance(cause, errors.InsufficientPrivilege):
            return NO_RIGHT
        if isinstance(cause, errors.OperationalError):
            return NO_ANSWER
        cause = cause.__cause__
    return None
