from core.errors import ConflictError, InvalidInputError


class SourceTooShortError(InvalidInputError):
    """The source is too short: give at least a paragraph (200 letters)."""

    code = "source_too_short"


class SourceNotSupportedError(InvalidInputError):
    """Questions are written from text for now: give source.text."""

    code = "source_not_supported"


class GenerationUnderWayError(ConflictError):
    """Questions are being written for this assignment; wait for the job or cancel it."""

    code = "generation_under_way"


class CandidateSettledError(ConflictError):
    """This question is no longer in quarantine."""

    code = "candidate_settled"
