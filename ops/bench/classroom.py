"""One school with one assignment and many students in the middle of it, written around the walls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.keys import KeyRing
from core.models import (
    Assignment,
    AssignmentStatus,
    ClassEnrollment,
    Difficulty,
    District,
    DistrictDirectory,
    DistrictStatus,
    EnrollmentStatus,
    Question,
    QuestionKind,
    School,
    SchoolClass,
    StudentSubmission,
    SubmissionStatus,
    User,
)
from core.tenancy import Actor, Role, TenantId
from core.tokens import issue_access_token

ISSUER = "http://localhost:8000"
"""What the API's settings say when nobody sets them."""
TOKEN_MINUTES = 60
RIGHT = "b"

_IDENTITIES = text(
    "INSERT INTO auth.identities (user_id, district_id, email_index, password_hash)"
    " VALUES (:user_id, :district_id, sha256(uuid_send(:user_id)), '!')"
)
_SESSIONS = text(
    "INSERT INTO auth.sessions (id, user_id, district_id, current_hash, rotated_at, expires_at)"
    " VALUES (:user_id, :user_id, :district_id, sha256(uuid_send(:user_id)), now(), now() + interval '1 day')"
)
"""A living session each, with the person's own id: tokens of ended sessions open nothing."""


@dataclass(frozen=True)
class Classroom:
    """A teacher, and students with an open attempt each (`submissions`, in the same order) at the questions."""

    teacher: User
    school_class: SchoolClass
    assignment: Assignment
    questions: Sequence[Question]
    students: Sequence[User]
    submissions: Sequence[StudentSubmission]

    def actors(self) -> list[Actor]:
        """Return every student as a verified token would."""
        return [actor_of(student) for student in self.students]


def seeded_classroom(admin_url: str, *, students: int, questions: int) -> Classroom:
    """Write a district with one class; `admin_url` is the superuser's, for SQLAlchemy."""
    engine = create_engine(admin_url, poolclass=NullPool)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        school = _school(session)
        teacher = _user(school, Role.TEACHER)
        _saved(session, [teacher])
        school_class = _class(session, teacher)
        assignment = _assignment(session, school_class)
        asked = _saved(session, [_question(assignment, position) for position in range(1, questions + 1)])
        pupils = _saved(session, [_user(school, Role.STUDENT) for _ in range(students)])
        _saved(session, [_enrollment(school_class, pupil) for pupil in pupils])
        attempts = _saved(session, [_attempt(assignment, pupil, questions) for pupil in pupils])
        people = [{"user_id": one.id, "district_id": one.district_id} for one in [teacher, *pupils]]
        session.execute(_IDENTITIES, people)
        session.execute(_SESSIONS, people)
    return Classroom(teacher, school_class, assignment, asked, pupils, attempts)


def actor_of(person: User) -> Actor:
    """Return somebody as a verified token of their session would."""
    tenant = TenantId.from_command_line(person.district_id)
    return Actor(person.id, Role(person.role), tenant, school_id=person.school_id, session_id=person.id)


def bearer(actor: Actor, keys: KeyRing) -> dict[str, str]:
    """Return the header of a signed-in person, as `/auth/login` would have answered the token."""
    token = issue_access_token(actor, keys, issuer=ISSUER, now=datetime.now(UTC), minutes=TOKEN_MINUTES)
    return {"Authorization": f"Bearer {token}"}


def _saved(session: Session, rows: list[Any]) -> list[Any]:
    session.add_all(rows)
    session.flush()
    return rows


def _school(session: Session) -> School:
    district_id = new_id()
    _saved(session, [DistrictDirectory(id=district_id, status=DistrictStatus.ACTIVE)])
    _saved(session, [District(district_id=district_id, name="Bench")])
    school = School(district_id=district_id, id=new_id(), name="Bench school")
    _saved(session, [school])
    return school


def _class(session: Session, teacher: User) -> SchoolClass:
    school_class = SchoolClass(
        **_owner(teacher),
        teacher_id=teacher.id,
        name="Bench class",
        subject="Mathematics",
        school_year="2026-2027",
        code="BENCHCODE",
        code_expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    _saved(session, [school_class])
    return school_class


def _assignment(session: Session, school_class: SchoolClass) -> Assignment:
    assignment = Assignment(
        **_owner(school_class),
        class_id=school_class.id,
        title="Bench assignment",
        status=AssignmentStatus.PUBLISHED,
        published_at=datetime.now(UTC),
        max_attempts=2,
    )
    _saved(session, [assignment])
    return assignment


def _owner(row: Any) -> dict[str, Any]:
    school_id = row.id if isinstance(row, School) else row.school_id
    return {"district_id": row.district_id, "school_id": school_id, "id": new_id()}


def _user(school: School, role: Role) -> User:
    owner = _owner(school)
    return User(**owner, role=role, name=f"Bench {role.value}", email=f"{owner['id'].hex}@bench.example.org")


def _question(assignment: Assignment, position: int) -> Question:
    return Question(
        **_owner(assignment),
        assignment_id=assignment.id,
        position=position,
        kind=QuestionKind.MULTIPLE_CHOICE,
        prompt=f"Which of the four is right, for the {position}th time?",
        points=Decimal(1),
        difficulty=Difficulty.MEDIUM,
        options=[
            {"id": name, "text": f"The answer {name}", "feedback": f"Why {name} is right or wrong."}
            for name in "abcd"
        ],
        correct_option=RIGHT,
        explanation="Because it is so.",
    )


def _enrollment(school_class: SchoolClass, student: User) -> ClassEnrollment:
    now = datetime.now(UTC)
    return ClassEnrollment(
        **_owner(school_class),
        class_id=school_class.id,
        student_id=student.id,
        status=EnrollmentStatus.APPROVED,
        requested_at=now,
        decided_at=now,
        decided_by=school_class.teacher_id,
    )


def _attempt(assignment: Assignment, student: User, questions: int) -> StudentSubmission:
    return StudentSubmission(
        **_owner(assignment),
        assignment_id=assignment.id,
        class_id=assignment.class_id,
        student_id=student.id,
        attempt_number=1,
        status=SubmissionStatus.IN_PROGRESS,
        started_at=datetime.now(UTC),
        possible=Decimal(questions),
    )
