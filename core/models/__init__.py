"""SQLAlchemy tables, one file per noun cluster; importing this package registers them all."""

from core.models.assignment import (
    Assignment,
    AssignmentStatus,
    Difficulty,
    Question,
    QuestionConcept,
    QuestionKind,
)
from core.models.audit_event import AuditEvent, tenant_audit_events
from core.models.base import SCHEMA, Base
from core.models.concept import Concept, ConceptMastery, ConceptPrerequisite, MasteryBand
from core.models.consent import (
    Consent,
    ConsentBasis,
    ConsentDecision,
    ConsentRequest,
    ConsentRequestStatus,
    ConsentScope,
)
from core.models.district import District, DistrictDirectory, DistrictStatus, School
from core.models.grade import Grade, GradeHistory, GradeSource, GradeStatus
from core.models.interaction_event import InteractionEvent, tenant_interaction_events
from core.models.job import BackgroundJob, IdempotencyKey, JobStatus
from core.models.notification import Notification, UserEvent, UserEventCounter
from core.models.outgoing_mail import MailStatus, OutgoingMail
from core.models.school_class import ClassEnrollment, EnrollmentStatus, SchoolClass
from core.models.submission import AnswerStatus, StudentAnswer, StudentSubmission, SubmissionStatus
from core.models.user import Invitation, InvitationStatus, User, UserSearchTerm, UserStatus

__all__ = [
    "SCHEMA",
    "AnswerStatus",
    "Assignment",
    "AssignmentStatus",
    "AuditEvent",
    "BackgroundJob",
    "Base",
    "ClassEnrollment",
    "Concept",
    "ConceptMastery",
    "ConceptPrerequisite",
    "Consent",
    "ConsentBasis",
    "ConsentDecision",
    "ConsentRequest",
    "ConsentRequestStatus",
    "ConsentScope",
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
    "MailStatus",
    "MasteryBand",
    "Notification",
    "OutgoingMail",
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
    "UserSearchTerm",
    "UserStatus",
    "tenant_audit_events",
    "tenant_interaction_events",
]
