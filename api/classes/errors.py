from core.errors import NotFoundError


class InvalidClassCodeError(NotFoundError):
    """This class code does not exist or has expired."""

    code = "invalid_class_code"
