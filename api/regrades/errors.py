from core.errors import ConflictError, InvalidInputError


class NoKeyError(ConflictError):
    """Only questions with options have a key; decide on written answers in the reviews."""

    code = "no_key"


class NoSuchOptionError(InvalidInputError):
    """There is no such option."""

    code = "no_such_option"


class NotPublishedError(ConflictError):
    """Nobody can have answered a draft; change its question instead."""

    code = "not_published"
