from core.errors import ConflictError


class ConceptExistsError(ConflictError):
    """The district has a concept of this name in this subject already."""

    code = "concept_exists"


class PrerequisiteCycleError(ConflictError):
    """A concept cannot build on itself."""

    code = "prerequisite_cycle"
