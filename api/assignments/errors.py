"""Why an assignment or its questions cannot be changed so."""

from core.errors import ConflictError, InvalidInputError


class NothingToPublishError(ConflictError):
    """An assignment needs at least one question before it can be published."""

    code = "nothing_to_publish"


class AssignmentPublishedError(ConflictError):
    """Students can see this assignment; its questions can no longer change."""

    code = "assignment_published"


class HasSubmissionsError(ConflictError):
    """Students have begun this assignment; archive it instead."""

    code = "has_submissions"


class UnreviewedQuestionsError(ConflictError):
    """Nobody has looked at some of these questions; accept them, or say that you publish them unreviewed."""

    code = "unreviewed_questions"


class TooManyQuestionsError(ConflictError):
    """An assignment holds at most 200 questions."""

    code = "too_many_questions"


class NotAPermutationError(InvalidInputError):
    """Name every question of the assignment exactly once."""

    code = "not_a_permutation"
