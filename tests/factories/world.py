"""The bench: districts x 2 schools, with every role, every kind of row, and a canary in every string."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import (
    Assignment,
    AssignmentStatus,
    AssignmentTemplate,
    BackgroundJob,
    BankQuestion,
    ClassEnrollment,
    ClassGrade,
    Concept,
    Conversation,
    ConversationKind,
    Curriculum,
    CurriculumSection,
    DataExport,
    District,
    EnrollmentStatus,
    Grade,
    Invitation,
    JobStatus,
    Message,
    Notification,
    Question,
    QuestionBank,
    QuestionCandidate,
    QuizGeneration,
    RiskFlag,
    School,
    SchoolClass,
    StudentAnswer,
    StudentSubmission,
    UploadedFile,
    User,
)
from tests.factories.ai import make_ai_interaction, make_ai_spending, make_district_settings
from tests.factories.assignment import (
    make_assignment,
    make_choice_question,
    make_extension,
    make_free_question,
    make_template,
    tag_question,
)
from tests.factories.bookkeeping import make_audit_event, make_idempotency_key, make_invitation, make_job
from tests.factories.concept import make_concept, make_mastery, make_prerequisite
from tests.factories.consent import make_consent, make_consent_request
from tests.factories.curriculum import make_bank_generation, make_curriculum, make_file, make_section
from tests.factories.data_export import make_data_export, make_export_key, make_lake_state
from tests.factories.district import make_district, make_school
from tests.factories.flag import make_concept_flag, make_risk_flag
from tests.factories.grade import make_class_grade, make_grade, make_grading_policy, make_regrade
from tests.factories.interaction_event import make_interaction_event
from tests.factories.message import (
    make_class_conversation,
    make_direct_conversation,
    make_message,
    make_read,
    make_revision,
)
from tests.factories.notification import (
    make_notification,
    make_system_announcement,
    make_user_event,
    make_wishes,
)
from tests.factories.outgoing_mail import make_outgoing_mail
from tests.factories.question_bank import (
    make_bank,
    make_bank_question,
    make_candidate,
    make_generation,
    tag_bank_question,
)
from tests.factories.roster import make_academic_session, make_class_session, make_course, make_roster_upload
from tests.factories.school_class import make_accommodation, make_class, make_enrollment, publish_code
from tests.factories.submission import make_ai_grading, make_answer, make_draft, make_submission
from tests.factories.user import make_admin, make_identity, make_student, make_teacher


@dataclass(frozen=True)
class SchoolBench:
    """One school. `student` is in `school_class` of `teacher`; the `other_…` have a class of their own."""

    school: School
    admin: User
    teacher: User
    other_teacher: User
    student: User
    classmate: User
    other_student: User
    newcomer: User
    school_class: SchoolClass
    other_class: SchoolClass
    pending: ClassEnrollment
    assignment: Assignment
    choice_question: Question
    free_question: Question
    draft: Assignment
    draft_question: Question
    submission: StudentSubmission
    choice_answer: StudentAnswer
    free_answer: StudentAnswer
    grade: Grade
    class_grade: ClassGrade
    job: BackgroundJob
    notification: Notification
    invitation: Invitation
    bank: QuestionBank
    bank_question: BankQuestion
    template: AssignmentTemplate
    generation: QuizGeneration
    written_question: Question
    writing_job: BackgroundJob
    candidate: QuestionCandidate
    uploaded_file: UploadedFile
    curriculum: Curriculum
    """A draft of the teacher's, of `uploaded_file`, with one section."""
    section: CurriculumSection
    risk_flag: RiskFlag
    data_export: DataExport
    direct: Conversation
    """Of `teacher` and `student`; `direct_message` is the teacher's and unread."""
    direct_message: Message
    class_conversation: Conversation
    own_message: Message
    """The student's, in `class_conversation`."""

    @property
    def users(self) -> list[User]:
        return [
            self.admin,
            self.teacher,
            self.other_teacher,
            self.student,
            self.classmate,
            self.other_student,
            self.newcomer,
        ]


@dataclass(frozen=True)
class DistrictBench:
    district: District
    admin: User
    concept: Concept
    prerequisite: Concept
    schools: tuple[SchoolBench, SchoolBench]

    @property
    def users(self) -> list[User]:
        return [self.admin, *self.schools[0].users, *self.schools[1].users]


@dataclass(frozen=True)
class World:
    districts: tuple[DistrictBench, ...]

    @property
    def users(self) -> Iterator[User]:
        return (user for district in self.districts for user in district.users)


def make_world(session: Session, keys: KeyRing, districts: int = 2) -> World:
    world = World(tuple(make_district_bench(session) for _ in range(districts)))
    for user in world.users:
        make_identity(session, user, keys)
    return world


def make_district_bench(session: Session) -> DistrictBench:
    district = make_district(session)
    admin = make_admin(session, district)
    make_invitation(session, admin)
    make_user_event(session, admin)
    concept, prerequisite = make_concept(session, district), make_concept(session, district)
    make_prerequisite(session, concept, prerequisite)
    academic_session = make_academic_session(session, district)
    make_course(session, district)
    make_ai_spending(session, district)
    make_district_settings(session, district)
    make_export_key(session, district)
    make_lake_state(session, district)
    first, second = (make_school_bench(session, district, concept) for _ in range(2))
    for school in (first, second):
        make_class_session(session, school.school_class, academic_session)
    schools = (first, second)
    return DistrictBench(district, admin, concept, prerequisite, schools)


def make_school_bench(session: Session, district: District, concept: Concept) -> SchoolBench:
    school = make_school(session, district)
    people = _make_people(session, school)
    school_class, other_class = (make_class(session, people[name]) for name in ("teacher", "other_teacher"))
    publish_code(session, school_class)
    publish_code(session, other_class)
    make_enrollment(session, school_class, people["student"])
    make_enrollment(session, school_class, people["classmate"])
    make_enrollment(session, other_class, people["other_student"])
    make_roster_upload(session, make_job(session, people["admin"]))
    make_wishes(session, people["student"])
    make_system_announcement(session, people["admin"])
    return SchoolBench(
        school=school,
        school_class=school_class,
        other_class=other_class,
        pending=make_enrollment(session, school_class, people["newcomer"], EnrollmentStatus.PENDING),
        notification=make_notification(session, people["student"]),
        invitation=make_invitation(session, people["admin"]),
        job=make_job(session, people["student"]),
        **people,
        **_make_work(session, school_class, people["student"], concept),
        **_make_library(session, school_class, people["teacher"], concept),
        risk_flag=make_risk_flag(session, school_class, people["student"]),
        data_export=make_data_export(session, people["teacher"], school_class),
        **_make_talk(session, school_class, people["teacher"], people["student"]),
    )


def _make_talk(session: Session, school_class: SchoolClass, teacher: User, student: User) -> dict[str, Any]:
    direct, of_class = (
        make_direct_conversation(session, teacher, student),
        make_class_conversation(session, school_class),
    )
    announcements = make_class_conversation(session, school_class, ConversationKind.ANNOUNCEMENTS)
    make_read(session, make_message(session, announcements, teacher), student)
    own = make_message(session, of_class, student)
    make_revision(session, own)
    return {
        "direct": direct,
        "direct_message": make_message(session, direct, teacher),
        "class_conversation": of_class,
        "own_message": own,
    }


def _make_people(session: Session, school: School) -> dict[str, User]:
    students = ("student", "classmate", "other_student", "newcomer")
    return {
        "admin": make_admin(session, school),
        "teacher": make_teacher(session, school),
        "other_teacher": make_teacher(session, school),
        **{name: make_student(session, school) for name in students},
    }


def _make_work(
    session: Session, school_class: SchoolClass, student: User, concept: Concept
) -> dict[str, Any]:
    """An assignment the student has answered and not yet handed in, and a draft ready to be published."""
    assignment = make_assignment(session, school_class)
    choice_question = make_choice_question(session, assignment)
    free_question = make_free_question(session, assignment)
    tag_question(session, choice_question, concept)
    make_extension(session, assignment, student)
    make_accommodation(session, school_class, student)
    draft = make_assignment(session, school_class, AssignmentStatus.DRAFT)
    draft_question = make_choice_question(session, draft)
    submission = make_submission(session, assignment, student)
    _make_traces(session, submission, student, concept)
    make_consent(session, student)
    make_consent_request(session, school_class)
    make_outgoing_mail(session, student)
    free_answer = make_answer(session, submission, free_question)
    make_draft(session, submission, free_question)
    make_ai_grading(session, submission, free_answer)
    make_grading_policy(session, school_class)
    return {
        "assignment": assignment,
        "choice_question": choice_question,
        "free_question": free_question,
        "draft": draft,
        "draft_question": draft_question,
        "submission": submission,
        "choice_answer": make_answer(session, submission, choice_question),
        "free_answer": free_answer,
        "grade": make_grade(session, submission),
        "class_grade": make_class_grade(session, school_class, student),
    }


def _make_library(
    session: Session, school_class: SchoolClass, teacher: User, concept: Concept
) -> dict[str, Any]:
    """What a teacher keeps to use again, and what a model wrote for them."""
    bank = make_bank(session, teacher)
    bank_question = make_bank_question(session, bank)
    tag_bank_question(session, bank_question, concept)
    written = make_assignment(session, school_class, AssignmentStatus.DRAFT)
    generation = make_generation(session, written, teacher)
    written_question = make_choice_question(session, written)
    make_regrade(session, written_question, teacher)
    make_candidate(session, generation, written_question)
    make_ai_interaction(session, teacher, generation.id)
    return {
        "bank": bank,
        "bank_question": bank_question,
        "template": make_template(session, teacher),
        "generation": generation,
        "written_question": written_question,
        "writing_job": make_job(session, teacher, kind="write_questions", status=JobStatus.RUNNING),
        "candidate": make_candidate(session, generation),
        **_make_curriculum(session, teacher, bank),
    }


def _make_curriculum(session: Session, teacher: User, bank: QuestionBank) -> dict[str, Any]:
    file = make_file(session, teacher)
    curriculum = make_curriculum(session, teacher, file)
    section = make_section(session, curriculum, file)
    make_bank_generation(session, section, bank)
    return {"uploaded_file": file, "curriculum": curriculum, "section": section}


def _make_traces(session: Session, submission: StudentSubmission, student: User, concept: Concept) -> None:
    make_interaction_event(session, submission)
    make_mastery(session, student, concept)
    make_concept_flag(session, student, concept)
    make_user_event(session, student)
    make_idempotency_key(session, student)
    make_audit_event(session, student)
