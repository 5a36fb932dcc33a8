from core.errors import InvalidInputError


class GuardianEmailRequiredError(InvalidInputError):
    """Give the e-mail address of a parent or guardian, who must be asked first; not your own."""

    code = "guardian_email_required"


class CollectionUndecidedError(InvalidInputError):
    """Say first whether the collection is granted or declined."""

    code = "collection_undecided"


class CollectionNotGrantedError(InvalidInputError):
    """Without the collection nothing else can be granted."""

    code = "collection_not_granted"


class NotAChildError(InvalidInputError):
    """This registration is for a child under 13; whoever is older registers with the class code alone."""

    code = "not_a_child"
