"""SQLAlchemy tables, one file per noun cluster; importing this package registers them all."""

from core.models.ai import AiInteraction, AiSpending, AiStatus, DistrictSettings
from core.models.assignment import (
    Assignment,
    AssignmentExtension,
    AssignmentStatus,
    AssignmentTemplate,
    FeedbackRelease,
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
from core.models.question import (
    BankQuestion,
    BankQuestionConcept,
    BankQuestionTerm,
    CandidateState,
    Difficulty,
    GenerationMode,
    Question,
    QuestionBank,
    QuestionCandidate,
    QuestionConcept,
    QuestionKeyVersion,
    QuestionKind,
    QuizGeneration,
    ReviewStatus,
)
from core.models.roster import AcademicSession, ClassSession, Course, RosterUpload, SessionType
from core.models.school_class import (
    Accommodation,
    ClassEnrollment,
    EnrollmentChange,
    EnrollmentStatus,
    SchoolClass,
)
from core.models.submission import AnswerStatus, StudentAnswer, StudentSubmission, SubmissionStatus
from core.models.user import Invitation, InvitationStatus, User, UserSearchTerm, UserStatus

__all__ = [
    "SCHEMA",
    "AcademicSession",
    "Accommodation",
    "AiInteraction",
    "AiSpending",
    "AiStatus",
    "AnswerStatus",
    "Assignment",
    "AssignmentExtension",
    "AssignmentStatus",
    "AssignmentTemplate",
    "AuditEvent",
    "BackgroundJob",
    "BankQuestion",
    "BankQuestionConcept",
    "BankQuestionTerm",
    "Base",
    "CandidateState",
    "ClassEnrollment",
    "ClassSession",
    "Concept",
    "ConceptMastery",
    "ConceptPrerequisite",
    "Consent",
    "ConsentBasis",
    "ConsentDecision",
    "ConsentRequest",
    "ConsentRequestStatus",
    "ConsentScope",
    "Course",
    "Difficulty",
    "District",
    "DistrictDirectory",
    "DistrictSettings",
    "DistrictStatus",
    "EnrollmentChange",
    "EnrollmentStatus",
    "FeedbackRelease",
    "GenerationMode",
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
    "QuestionBank",
    "QuestionCandidate",
    "QuestionConcept",
    "QuestionKeyVersion",
    "QuestionKind",
    "QuizGeneration",
    "ReviewStatus",
    "RosterUpload",
    "School",
    "SchoolClass",
    "SessionType",
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
