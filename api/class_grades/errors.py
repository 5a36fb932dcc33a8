"""Why an overall grade is not overridden."""

from core.errors import InvalidInputError


class PercentOrLetterError(InvalidInputError):
    """Give either a percent or a letter."""

    code = "percent_or_letter"


class UnknownLetterError(InvalidInputError):
    """The class's policy has no such letter."""

    code = "unknown_letter"
