from api.schemas import Output
from core.permissions import Permission, Relation
from core.tenancy import Role


class OwnPermission(Output):
    permission: Permission
    what: str
    relation: Relation
    """Whose rows stand behind the door; any other row answers 404."""
    whose: str
    """The relation in plain words."""


class PermissionLine(Output):
    """What each role's relation is; null is a closed door, answered 403."""

    permission: Permission
    what: str
    student: Relation | None
    teacher: Relation | None
    admin: Relation | None


class PermissionOverview(Output):
    role: Role
    """Yours. An admin without a school is the admin of the district."""
    own: list[OwnPermission]
    table: list[PermissionLine]
