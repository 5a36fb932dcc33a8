"""Who may do what, and about whom: one table a school officer could read.

A line says which roles hold a permission (a role without it is answered 403) and, for each, the relation to the
rows behind that door (a row outside it is answered 404, like one that does not exist). The list filters in each
room's `queries.py` and the row security carry the relations out; tests drive every route and socket event to
hold both to this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.tenancy import Role


class Permission(StrEnum):
    PROFILE_READ = "profile:read"
    SESSION_MANAGE = "session:manage"
    PASSWORD_CHANGE = "password:change"  # noqa: S105 - a name
    CONSENT_READ = "consent:read"
    CONSENT_MANAGE = "consent:manage"
    PROFILE_WRITE = "profile:write"
    USER_SEARCH = "user:search"
    USER_READ = "user:read"
    DISCLOSURE_READ = "disclosure:read"
    INVITATION_MANAGE = "invitation:manage"
    CLASS_CREATE = "class:create"
    CLASS_READ = "class:read"
    CLASS_JOIN = "class:join"
    CLASS_WATCH = "class:watch"
    ENROLLMENT_MANAGE = "enrollment:manage"
    ROSTER_IMPORT = "roster:import"
    ROSTER_EXPORT = "roster:export"
    ACCOMMODATION_READ = "accommodation:read"
    ACCOMMODATION_MANAGE = "accommodation:manage"
    CONCEPT_READ = "concept:read"
    CONCEPT_MANAGE = "concept:manage"
    CONCEPT_REMOVE = "concept:remove"
    CONCEPT_IMPORT = "concept:import"
    ASSIGNMENT_READ = "assignment:read"
    ASSIGNMENT_MANAGE = "assignment:manage"
    ASSIGNMENT_REVIEW = "assignment:review"
    TEMPLATE_MANAGE = "template:manage"
    BANK_READ = "bank:read"
    BANK_MANAGE = "bank:manage"
    EXTENSION_READ = "extension:read"
    EXTENSION_MANAGE = "extension:manage"
    SUBMISSION_WRITE = "submission:write"
    SUBMISSION_READ = "submission:read"
    EVENT_WRITE = "event:write"
    GRADE_READ = "grade:read"
    GRADEBOOK_READ = "gradebook:read"
    GRADE_MANAGE = "grade:manage"
    GRADING_POLICY_READ = "grading_policy:read"
    GRADING_POLICY_MANAGE = "grading_policy:manage"
    REVIEW_MANAGE = "review:manage"
    AGREEMENT_READ = "agreement:read"
    ANALYTICS_READ = "analytics:read"
    COMPARISON_READ = "comparison:read"
    OVERVIEW_READ = "overview:read"
    RISK_READ = "risk:read"
    RISK_MANAGE = "risk:manage"
    EXPORT_CREATE = "export:create"
    EXPORT_READ = "export:read"
    EXPORT_KEYS = "export:keys"
    FILE_MANAGE = "file:manage"
    CURRICULUM_MANAGE = "curriculum:manage"
    PROGRESS_READ = "progress:read"
    MESSAGE_READ = "message:read"
    MESSAGE_WRITE = "message:write"
    MESSAGE_CHANGE = "message:change"
    MESSAGE_DELETE = "message:delete"
    ANNOUNCEMENT_CREATE = "announcement:create"
    MESSAGE_RECORDS = "message:records"
    PRESENCE_WATCH = "presence:watch"
    NOTIFICATION_READ = "notification:read"
    NOTIFICATION_MANAGE = "notification:manage"
    NOTIFICATION_BROADCAST = "notification:broadcast"
    JOB_READ = "job:read"
    JOB_CANCEL = "job:cancel"


class Relation(StrEnum):
    """Whose rows stand behind an open door."""

    SELF = "self"
    ENROLLED = "enrolled"
    HOLDS_CODE = "holds_code"
    TEACHES = "teaches"
    LIBRARY = "library"
    OVERSEES = "oversees"
    DISTRICT = "district"

    @property
    def sentence(self) -> str:
        """The relation in plain words."""
        return _SENTENCES[self]


_SENTENCES = {
    Relation.SELF: "Only what is one's own: profile, sign-ins, work, grades, messages.",
    Relation.ENROLLED: "Only classes in which the student has a place that the teacher approved.",
    Relation.HOLDS_CODE: "Only classes of the student's own school, with a code that is still good.",
    Relation.TEACHES: "Only classes the teacher teaches, with the students and the work in them.",
    Relation.LIBRARY: "Only a teacher's own collections, and for use those that colleagues share with the school.",
    Relation.OVERSEES: "An admin's own school; for an admin of the district, every school of the district.",
    Relation.DISTRICT: "What all schools of the district share.",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of the table: what is permitted, and each role's relation to it; None is a closed door."""

    what: str
    student: Relation | None = None
    teacher: Relation | None = None
    admin: Relation | None = None

    def to(self, role: Role) -> Relation | None:
        relation: Relation | None = getattr(self, role.value)
        return relation


_SELF, _ENROLLED, _TEACHES = Relation.SELF, Relation.ENROLLED, Relation.TEACHES
_OVERSEES, _DISTRICT = Relation.OVERSEES, Relation.DISTRICT

PERMISSIONS: Mapping[Permission, Grant] = {
    Permission.PROFILE_READ: Grant("Read one's own profile and permissions", _SELF, _SELF, _SELF),
    Permission.SESSION_MANAGE: Grant("See and end one's own sign-ins", _SELF, _SELF, _SELF),
    Permission.PASSWORD_CHANGE: Grant("Change one's own password", _SELF, _SELF, _SELF),
    Permission.CONSENT_READ: Grant(
        "See what guardians and the school have consented to", student=_SELF, admin=_OVERSEES
    ),
    Permission.CONSENT_MANAGE: Grant("Consent for the school, for educational use", admin=_OVERSEES),
    Permission.PROFILE_WRITE: Grant("Change one's own name", _SELF, _SELF, _SELF),
    Permission.USER_SEARCH: Grant("Find people by name or e-mail", teacher=_TEACHES, admin=_OVERSEES),
    Permission.USER_READ: Grant("See a person's record, one's own included", _SELF, _TEACHES, _OVERSEES),
    Permission.DISCLOSURE_READ: Grant("See who read a student's record", student=_SELF, admin=_OVERSEES),
    Permission.INVITATION_MANAGE: Grant("Invite teachers and admins", admin=_OVERSEES),
    Permission.CLASS_CREATE: Grant("Create, change and close classes and their codes", teacher=_TEACHES),
    Permission.CLASS_READ: Grant("See classes", _ENROLLED, _TEACHES, _OVERSEES),
    Permission.CLASS_JOIN: Grant("Ask for a place in a class", student=Relation.HOLDS_CODE),
    Permission.CLASS_WATCH: Grant("Follow a class at work, live", teacher=_TEACHES),
    Permission.ENROLLMENT_MANAGE: Grant("Decide who has a place in a class", teacher=_TEACHES),
    Permission.ROSTER_IMPORT: Grant("Import people, classes and places from OneRoster", admin=_OVERSEES),
    Permission.ROSTER_EXPORT: Grant(
        "Export people, classes, places and grades to OneRoster", admin=_OVERSEES
    ),
    Permission.ACCOMMODATION_READ: Grant(
        "See what a student needs in a class, one's own included", _SELF, _TEACHES, _OVERSEES
    ),
    Permission.ACCOMMODATION_MANAGE: Grant("Grant students more time and later dates", teacher=_TEACHES),
    Permission.CONCEPT_READ: Grant("See the concepts of the curriculum", _DISTRICT, _DISTRICT, _DISTRICT),
    Permission.CONCEPT_MANAGE: Grant("Add and change concepts", teacher=_DISTRICT, admin=_DISTRICT),
    Permission.CONCEPT_REMOVE: Grant("Take concepts away", admin=_DISTRICT),
    Permission.CONCEPT_IMPORT: Grant("Import concepts from a framework", admin=_DISTRICT),
    Permission.ASSIGNMENT_READ: Grant("See assignments", _ENROLLED, _TEACHES, _OVERSEES),
    Permission.ASSIGNMENT_MANAGE: Grant("Write, publish and withdraw assignments", teacher=_TEACHES),
    Permission.ASSIGNMENT_REVIEW: Grant(
        "See how a quiz was written and checked", teacher=_TEACHES, admin=_OVERSEES
    ),
    Permission.TEMPLATE_MANAGE: Grant("Keep assignments to use them again", teacher=Relation.LIBRARY),
    Permission.BANK_READ: Grant("See question banks", teacher=Relation.LIBRARY, admin=_OVERSEES),
    Permission.BANK_MANAGE: Grant("Keep banks of questions", teacher=Relation.LIBRARY),
    Permission.EXTENSION_READ: Grant(
        "See what single students are granted for an assignment", teacher=_TEACHES, admin=_OVERSEES
    ),
    Permission.EXTENSION_MANAGE: Grant(
        "Grant single students other dates and more attempts", teacher=_TEACHES
    ),
    Permission.SUBMISSION_WRITE: Grant("Work on assignments and hand them in", student=_SELF),
    Permission.SUBMISSION_READ: Grant("See attempts, answers and feedback", _SELF, _TEACHES, _OVERSEES),
    Permission.EVENT_WRITE: Grant("Send what one did in the application", _SELF, _SELF, _SELF),
    Permission.GRADE_READ: Grant("See grades and how they came about", _SELF, _TEACHES, _OVERSEES),
    Permission.GRADEBOOK_READ: Grant(
        "See gradebook and roster of a class", teacher=_TEACHES, admin=_OVERSEES
    ),
    Permission.GRADE_MANAGE: Grant("Enter, override, excuse, publish and regrade", teacher=_TEACHES),
    Permission.GRADING_POLICY_READ: Grant("See how a class is graded", _ENROLLED, _TEACHES, _OVERSEES),
    Permission.GRADING_POLICY_MANAGE: Grant("Decide how a class is graded", teacher=_TEACHES),
    Permission.REVIEW_MANAGE: Grant("Decide on answers that wait for a person", teacher=_TEACHES),
    Permission.AGREEMENT_READ: Grant(
        "See how far models and teachers agree", teacher=_TEACHES, admin=_OVERSEES
    ),
    Permission.ANALYTICS_READ: Grant("See a class's analytics", teacher=_TEACHES, admin=_OVERSEES),
    Permission.COMPARISON_READ: Grant(
        "Compare classes with each other and with the district, small groups withheld",
        teacher=_TEACHES,
        admin=_OVERSEES,
    ),
    Permission.OVERVIEW_READ: Grant("See schools and the district as a whole", admin=_OVERSEES),
    Permission.RISK_READ: Grant("See which students are at risk, and why", teacher=_TEACHES, admin=_OVERSEES),
    Permission.RISK_MANAGE: Grant(
        "Answer a warning: seen, dismissed, or what was done", teacher=_TEACHES, admin=_OVERSEES
    ),
    Permission.EXPORT_CREATE: Grant(
        "Take analytics out as files: own classes with names; schools under keys or in groups",
        teacher=_TEACHES,
        admin=_OVERSEES,
    ),
    Permission.EXPORT_READ: Grant("Find and download the files one asked for", teacher=_SELF, admin=_SELF),
    Permission.EXPORT_KEYS: Grant("Learn which student stands behind which key of a file", admin=_OVERSEES),
    Permission.FILE_MANAGE: Grant("Send files, see what was read in them, take them back", teacher=_SELF),
    Permission.CURRICULUM_MANAGE: Grant(
        "Make curricula of one's files, edit them, have questions written about them", teacher=_SELF
    ),
    Permission.PROGRESS_READ: Grant(
        "See how a student gets on and what to learn next", _SELF, _TEACHES, _OVERSEES
    ),
    Permission.MESSAGE_READ: Grant(
        "Read and search the conversations one is in, of a class while one is in it", _SELF, _SELF
    ),
    Permission.MESSAGE_WRITE: Grant("Write to one's teachers, students and classes", _ENROLLED, _TEACHES),
    Permission.MESSAGE_CHANGE: Grant("Change what one wrote", _SELF, _SELF),
    Permission.MESSAGE_DELETE: Grant(
        "Delete what one wrote; a teacher, what anybody wrote to a class", _SELF, _TEACHES
    ),
    Permission.ANNOUNCEMENT_CREATE: Grant("Announce something to a class", teacher=_TEACHES),
    Permission.MESSAGE_RECORDS: Grant(
        "Look up what a student and others wrote, changed and deleted messages included", admin=_OVERSEES
    ),
    Permission.PRESENCE_WATCH: Grant(
        "See who is there, of those one shares a class with", student=_ENROLLED, teacher=_TEACHES
    ),
    Permission.NOTIFICATION_READ: Grant("Read one's notifications and events", _SELF, _SELF, _SELF),
    Permission.NOTIFICATION_MANAGE: Grant("Decide how and when one is told of what", _SELF, _SELF, _SELF),
    Permission.NOTIFICATION_BROADCAST: Grant("Tell everybody of a school or the district", admin=_OVERSEES),
    Permission.JOB_READ: Grant("Follow the background work one caused", _SELF, _SELF, _SELF),
    Permission.JOB_CANCEL: Grant("Cancel the background work one caused", teacher=_SELF, admin=_SELF),
}


def relation_of(role: Role, permission: Permission) -> Relation | None:
    """Return a role's relation to what a permission opens; None when the role does not hold it."""
    return PERMISSIONS[permission].to(role)


def may(role: Role, permission: Permission) -> bool:
    """Say whether a role holds a permission."""
    return relation_of(role, permission) is not None
