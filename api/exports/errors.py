from core.errors import AppError, ConflictError, ForbiddenError


class ExportNotOfferedError(ForbiddenError):
    """This export is not offered to your role; the list of datasets says which are."""

    code = "export_not_offered"


class ExportNotReadyError(ConflictError):
    """This export has no file now: it is being made, has failed, or has expired."""

    code = "export_not_ready"


class ExportKeysMissingError(ConflictError):
    """The district has no keys yet; they are made with its first nightly bundle."""

    code = "export_keys_missing"


class ExportLimitError(AppError):
    """You have taken out as many rows as one person may in a day; try again tomorrow, or ask your operator."""

    status = 429
    code = "export_limit_reached"
    retry_after = 3600
