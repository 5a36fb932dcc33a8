from core.errors import ConflictError, InvalidInputError


class NotEnrolledError(ConflictError):
    """This student has no place in the class."""

    code = "not_enrolled"


class OneMeasureError(InvalidInputError):
    """Give one of score, percent, letter and passed, or none to take the entry back."""

    code = "one_measure"


class LetterUnknownError(InvalidInputError):
    """The class's policy has no such letter."""

    code = "letter_unknown"


class ScoreTooHighError(InvalidInputError):
    """This is more than ten times what the assignment is worth; check for a slip of the finger."""

    code = "score_too_high"


class NotGradeableError(ConflictError):
    """Publish the assignment before you grade it."""

    code = "not_gradeable"


class PostsAutomaticallyError(ConflictError):
    """This assignment posts its grades by itself; set its grade_posting to manual to hide them."""

    code = "posts_automatically"
