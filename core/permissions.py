"""Who may do what, as one table a school officer could read.

Roles open doors; which rows stand behind a door (own classes, own answers, own school) is decided by the
list filters and the row security, below every door.
"""

from enum import StrEnum

from core.tenancy import Role


class Permission(StrEnum):
    PROFILE_READ = "profile:read"
    INVITATION_MANAGE = "invitation:manage"
    CLASS_CREATE = "class:create"
    CLASS_READ = "class:read"
    CLASS_JOIN = "class:join"
    ENROLLMENT_MANAGE = "enrollment:manage"
    CONCEPT_READ = "concept:read"
    CONCEPT_MANAGE = "concept:manage"
    ASSIGNMENT_READ = "assignment:read"
    ASSIGNMENT_MANAGE = "assignment:manage"
    SUBMISSION_WRITE = "submission:write"
    SUBMISSION_READ = "submission:read"
    EVENT_WRITE = "event:write"
    GRADE_READ = "grade:read"
    GRADEBOOK_READ = "gradebook:read"
    ANALYTICS_READ = "analytics:read"
    NOTIFICATION_READ = "notification:read"
    JOB_READ = "job:read"


_EVERYONE = {
    Permission.PROFILE_READ,
    Permission.CLASS_READ,
    Permission.CONCEPT_READ,
    Permission.ASSIGNMENT_READ,
    Permission.SUBMISSION_READ,
    Permission.EVENT_WRITE,
    Permission.GRADE_READ,
    Permission.NOTIFICATION_READ,
    Permission.JOB_READ,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.STUDENT: frozenset(_EVERYONE | {Permission.CLASS_JOIN, Permission.SUBMISSION_WRITE}),
    Role.TEACHER: frozenset(
        _EVERYONE
        | {
            Permission.CLASS_CREATE,
            Permission.ENROLLMENT_MANAGE,
            Permission.CONCEPT_MANAGE,
            Permission.ASSIGNMENT_MANAGE,
            Permission.GRADEBOOK_READ,
            Permission.ANALYTICS_READ,
        }
    ),
    Role.ADMIN: frozenset(
        _EVERYONE
        | {
            Permission.INVITATION_MANAGE,
            Permission.CONCEPT_MANAGE,
            Permission.GRADEBOOK_READ,
            Permission.ANALYTICS_READ,
        }
    ),
}


def may(role: Role, permission: Permission) -> bool:
    """Say whether a role holds a permission."""
    return permission in PERMISSIONS[role]
