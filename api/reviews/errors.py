from core.errors import ConflictError


class AnswerDoesNotCountError(ConflictError):
    """This try does not count for the grade; another try at the same question does."""

    code = "answer_does_not_count"


class NoProposalError(ConflictError):
    """There is no proposal for this answer that could be accepted."""

    code = "no_proposal"


class ScoreOutOfRangeError(ConflictError):
    """The score lies outside of what the question is worth."""

    code = "score_out_of_range"
