from core.errors import NotFoundError


class InvalidLinkError(NotFoundError):
    """This link does not exist, has been used or has expired."""

    code = "invalid_link"
