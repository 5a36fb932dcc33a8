"""The permission table as the API tells it: the asker's own part, and all of it."""

from api.permissions.schemas import OwnPermission, PermissionLine, PermissionOverview
from core.permissions import PERMISSIONS
from core.tenancy import Role


def overview_for(role: Role) -> PermissionOverview:
    """Return what a role may do and about whom, and the whole table beside it."""
    return PermissionOverview(role=role, own=_own(role), table=_table())


def _own(role: Role) -> list[OwnPermission]:
    return [
        OwnPermission(permission=permission, what=grant.what, relation=relation, whose=relation.sentence)
        for permission, grant in PERMISSIONS.items()
        if (relation := grant.to(role)) is not None
    ]


def _table() -> list[PermissionLine]:
    return [
        PermissionLine(
            permission=permission,
            what=grant.what,
            student=grant.student,
            teacher=grant.teacher,
            admin=grant.admin,
        )
        for permission, grant in PERMISSIONS.items()
    ]
