"""Why a policy is none."""

from core.errors import InvalidInputError


class InvalidLettersError(InvalidInputError):
    """Letters go from the highest cutoff to the lowest, which is 0, each letter and each cutoff once."""

    code = "invalid_letters"


class DuplicateCategoryError(InvalidInputError):
    """Two categories have the same name or id; the case of letters makes no difference."""

    code = "duplicate_category"


class UnknownCategoryError(InvalidInputError):
    """The class has no category with this id; leave the id out to add one."""

    code = "unknown_category"
