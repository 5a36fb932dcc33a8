from core.errors import ConflictError, InvalidInputError


class SourceTooShortError(InvalidInputError):
    """The source is too short: give at least a paragraph (200 letters)."""

    code = "source_too_short"


class SourceTooLongError(InvalidInputError):
    """The source is too long: at most 1,000,000 characters."""

    code = "source_too_long"


class NoSourceError(ConflictError):
    """Nothing is known of what this question was written from; write another one by hand."""

    code = "no_source"


class CandidateSettledError(ConflictError):
    """This question is no longer in quarantine."""

    code = "candidate_settled"
