from core.errors import ConflictError


class ClassTooLargeError(ConflictError):
    """This class is too large for one report; read its gradebook page by page."""

    code = "class_too_large"
