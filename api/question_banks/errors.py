"""Why a bank does not take a question."""

from core.errors import ConflictError, InvalidInputError


class NotYetAcceptedError(ConflictError):
    """A machine wrote some of these questions and nobody has accepted them; accept them first."""

    code = "not_yet_accepted"


class TooManyItemsError(InvalidInputError):
    """A file may hold at most 5,000 items; split it."""

    code = "too_many_items"
