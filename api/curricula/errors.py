from core.errors import ConflictError, InvalidInputError


class CurriculumFinalizedError(ConflictError):
    """This curriculum is final; it cannot be changed any more."""

    code = "curriculum_finalized"


class CurriculumNotReadyError(ConflictError):
    """The sections of this curriculum are still being found, or could not be."""

    code = "curriculum_not_ready"


class CurriculumEmptyError(ConflictError):
    """A curriculum without sections cannot be finalized, and nothing can be asked about it."""

    code = "curriculum_empty"


class FileUnreadError(ConflictError):
    """One of these files has not been read, or could not be; see its status."""

    code = "file_unread"


class TooManySectionsError(ConflictError):
    """A curriculum has at most 100 sections."""

    code = "too_many_sections"


class IncompleteOrderError(InvalidInputError):
    """Name every section of the curriculum, once."""

    code = "incomplete_order"


class SectionTextTooShortError(ConflictError):
    """The text of this section is too short: give at least a paragraph (200 letters)."""

    code = "section_text_too_short"
