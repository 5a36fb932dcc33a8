from datetime import date

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    AcademicSession,
    BackgroundJob,
    ClassSession,
    Course,
    District,
    RosterUpload,
    SchoolClass,
    SessionType,
)
from tests.factories.saving import canary, saved


def make_academic_session(session: Session, district: District) -> AcademicSession:
    """The school year 2026-2027."""
    session_id = new_id()
    academic_session = AcademicSession(
        district_id=district.district_id,
        id=session_id,
        sourced_id=f"year-{session_id.hex[-10:]}",
        title=f"Year {canary(district.district_id)}",
        session_type=SessionType.SCHOOL_YEAR,
        starts_on=date(2026, 8, 1),
        ends_on=date(2027, 6, 30),
        school_year="2027",
    )
    return saved(session, academic_session)


def make_roster_upload(session: Session, job: BackgroundJob) -> RosterUpload:
    """What an import leaves behind while it waits."""
    upload = RosterUpload(
        district_id=job.district_id,
        school_id=job.school_id,
        id=job.id,
        requested_by=job.user_id,
        max_deactivation_percent=10,
        content=canary(job.district_id, job.school_id).encode(),
    )
    return saved(session, upload)


def make_course(session: Session, district: District) -> Course:
    course_id = new_id()
    course = Course(
        district_id=district.district_id,
        id=course_id,
        sourced_id=f"course-{course_id.hex[-10:]}",
        title=f"Course {canary(district.district_id)}",
        course_code="MATH-5",
    )
    return saved(session, course)


def make_class_session(
    session: Session, school_class: SchoolClass, academic_session: AcademicSession
) -> ClassSession:
    place = ClassSession(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        class_id=school_class.id,
        academic_session_id=academic_session.id,
    )
    return saved(session, place)
