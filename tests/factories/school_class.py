from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import Accommodation, ClassEnrollment, EnrollmentStatus, SchoolClass, User
from tests.factories.saving import canary, saved


def make_class(session: Session, teacher: User) -> SchoolClass:
    """A class of a teacher; its code is on the row and not yet usable for joining (`publish_code`)."""
    class_id = new_id()
    school_class = SchoolClass(
        district_id=teacher.district_id,
        school_id=teacher.school_id,
        id=class_id,
        teacher_id=teacher.id,
        name=f"Class {canary(teacher.district_id, teacher.school_id)}",
        subject="Mathematics",
        grade_level=5,
        school_year="2026-2027",
        code=class_id.hex[-10:].upper(),
        code_expires_at=datetime.now(UTC) + timedelta(days=180),
    )
    return saved(session, school_class)


def publish_code(session: Session, school_class: SchoolClass) -> str:
    """Make the code findable, as the class's teacher does by creating it; returns the code."""
    session.execute(
        text(
            "INSERT INTO auth.class_codes (code_hash, district_id, school_id, class_id, expires_at)"
            " VALUES (:code_hash, :district_id, :school_id, :class_id, :expires_at)"
        ),
        {
            "code_hash": sha256(school_class.code.encode()).digest(),
            "district_id": school_class.district_id,
            "school_id": school_class.school_id,
            "class_id": school_class.id,
            "expires_at": school_class.code_expires_at,
        },
    )
    return school_class.code


def make_enrollment(
    session: Session,
    school_class: SchoolClass,
    student: User,
    status: EnrollmentStatus = EnrollmentStatus.APPROVED,
) -> ClassEnrollment:
    now = datetime.now(UTC)
    is_decided = status is not EnrollmentStatus.PENDING
    enrollment = ClassEnrollment(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        id=new_id(),
        class_id=school_class.id,
        student_id=student.id,
        status=status,
        requested_at=now,
        decided_at=now if is_decided else None,
        decided_by=school_class.teacher_id if is_decided else None,
    )
    return saved(session, enrollment)


def make_accommodation(session: Session, school_class: SchoolClass, student: User) -> Accommodation:
    """Time and a half, and a day longer."""
    accommodation = Accommodation(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        id=new_id(),
        class_id=school_class.id,
        student_id=student.id,
        time_multiplier=Decimal("1.5"),
        due_shift_hours=24,
        granted_by=school_class.teacher_id,
    )
    return saved(session, accommodation)
