from core.errors import ConflictError


class FlagClearedError(ConflictError):
    """This warning is over; it stays in the history and needs no answer any more."""

    code = "flag_cleared"
