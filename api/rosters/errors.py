from core.errors import ConflictError, InvalidInputError


class MalformedRosterError(InvalidInputError):
    """This archive is not a OneRoster 1.1 or 1.2 roster that we can read."""

    code = "malformed_roster"


class TooManyDeactivationsError(ConflictError):
    """This import would take away more than you allow at once; nothing was changed."""

    code = "too_many_deactivations"


class RosterMovedError(ConflictError):
    """Somebody else changed what this import is about at the same moment; import again."""

    code = "roster_moved"


class RosterTooLargeError(InvalidInputError):
    """The archive is larger than 20 MiB."""

    status = 413
    code = "too_large"
