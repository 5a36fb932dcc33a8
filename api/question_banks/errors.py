"""Why a bank does not take a question."""

from core.errors import ConflictError


class NotYetAcceptedError(ConflictError):
    """A machine wrote some of these questions and nobody has accepted them; accept them first."""

    code = "not_yet_accepted"
