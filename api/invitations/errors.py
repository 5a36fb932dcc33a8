from core.errors import NotFoundError


class InvalidInvitationError(NotFoundError):
    """This invitation does not exist, has been used or has expired."""

    code = "invalid_invitation"
