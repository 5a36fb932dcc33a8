"""SQLAlchemy tables, one file per noun cluster; importing this package registers them all."""

from core.models.assignment import (
    Assignment,
    AssignmentStatus,
    Difficulty,
    Question,
    QuestionConcept,
    QuestionKind,
)
from core.models.base import SCHEMA, Base
from core.models.concept import Concept, ConceptMastery, ConceptPrerequisite, MasteryBand
from core.models.district import District, DistrictDirectory, DistrictStatus, School
from core.models.grade import Grade, GradeHistory, GradeSource, GradeStatus
from core.models.interaction_event import InteractionEvent, tenant_interaction_events
from core.models.job import AuditEntry, BackgroundJob, IdempotencyKey, JobStatus
from core.models.notification import Notification, UserEvent, UserEventCounter
from core.models.school_class import ClassEnrollment, EnrollmentStatus, SchoolClass
from core.models.submission import AnswerStatus, StudentAnswer, StudentSubmission, SubmissionStatus
from core.models.user import Invitation, InvitationStatus, User, UserStatus

__all__ = [
    "SCHEMA",
    "AnswerStatus",
    "Assignment",
    "AssignmentStatus",
    "AuditEntry",
    "BackgroundJob",
    "Base",
    "ClassEnrollment",
    "Concept",
    "ConceptMastery",
    "ConceptPrerequisite",
    "Difficulty",
    "District",
    "DistrictDirectory",
    "DistrictStatus",
    "EnrollmentStatus",
    "Grade",
    "GradeHistory",
    "GradeSource",
    "GradeStatus",
    "IdempotencyKey",
    "InteractionEvent",
    "Invitation",
    "InvitationStatus",
    "JobStatus",
    "MasteryBand",
    "Notification",
    "Question",
    "QuestionConcept",
    "QuestionKind",
    "School",
    "SchoolClass",
    "StudentAnswer",
    "StudentSubmission",
    "SubmissionStatus",
    "User",
    "UserEvent",
    "UserEventCounter",
    "UserStatus",
    "tenant_interaction_events",
]
