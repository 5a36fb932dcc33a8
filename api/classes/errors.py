from core.errors import ConflictError, NotFoundError


class InvalidClassCodeError(NotFoundError):
    """This class code does not exist, has expired or has been used up."""

    code = "invalid_class_code"


class EnrollmentDecidedError(ConflictError):
    """The place has been decided already."""

    code = "enrollment_decided"


class ClassCodeEndedError(ConflictError):
    """The class code has expired or has been used up; make a new one before inviting anybody by mail."""

    code = "class_code_ended"
