from core.errors import ForbiddenError


class WrongPasswordError(ForbiddenError):
    """The current password is wrong."""

    code = "wrong_password"
