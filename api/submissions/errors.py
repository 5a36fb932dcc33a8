from core.errors import ConflictError, InvalidInputError


class AttemptsExhaustedError(ConflictError):
    """There is no attempt left for this assignment."""

    code = "attempts_exhausted"


class NotAvailableYetError(ConflictError):
    """This assignment is not open yet."""

    code = "not_available_yet"


class NoLongerAvailableError(ConflictError):
    """This assignment is closed; no attempt can start any more."""

    code = "no_longer_available"


class TimeIsUpError(ConflictError):
    """The time of this attempt is up; hand in what you have."""

    code = "time_is_up"


class SubmissionClosedError(ConflictError):
    """This attempt has been handed in; it takes no more answers."""

    code = "submission_closed"


class LaterAttemptError(ConflictError):
    """The student has begun another attempt since; only the last one can be opened again."""

    code = "later_attempt"


class NoTimeLeftError(ConflictError):
    """The time of this attempt is over; grant the student an extension first."""

    code = "no_time_left"


class ClientSeqReusedError(ConflictError):
    """This client_seq was used for another answer; count up for each try."""

    code = "client_seq_reused"


class AnswerDoesNotFitError(InvalidInputError):
    """The answer does not fit the kind of question."""

    code = "answer_does_not_fit"
