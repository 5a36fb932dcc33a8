from core.errors import InvalidInputError


class BadRangeError(InvalidInputError):
    """The range must end on or after its beginning and span at most 366 days."""

    code = "bad_date_range"
