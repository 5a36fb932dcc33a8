"""Statements of imports and exports; what is written travels as one jsonb parameter, however many rows it has."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text

from core.models import (
    AcademicSession,
    Assignment,
    AssignmentStatus,
    ClassEnrollment,
    ClassSession,
    Course,
    District,
    EnrollmentStatus,
    Grade,
    GradeStatus,
    Question,
    RosterUpload,
    School,
    SchoolClass,
    User,
    UserStatus,
)
from core.tenancy import TenantId

LOCK_ROSTER = text("SELECT pg_advisory_xact_lock(hashtextextended('roster:' || :district_id, 0))")
"""Of two imports of a district at once the second plans with what the first has written."""


def upload(tenant: TenantId, job_id: UUID) -> Select[tuple[RosterUpload]]:
    return select(RosterUpload).where(RosterUpload.district_id == tenant.value, RosterUpload.id == job_id)


TAKE_UPLOAD = text(
    "DELETE FROM app.roster_uploads WHERE district_id = :district_id AND id = :id RETURNING id"
)


def upload_key(upload: RosterUpload) -> dict[str, UUID]:
    return {"district_id": upload.district_id, "id": upload.id}


def district(tenant: TenantId) -> Select[tuple[District]]:
    return select(District).where(District.district_id == tenant.value)


def schools(tenant: TenantId, school_id: UUID | None) -> Select[Any]:
    statement = select(
        School.id, School.sourced_id, School.name, School.deleted_at.is_(None).label("is_active")
    ).where(School.district_id == tenant.value)
    return statement if school_id is None else statement.where(School.id == school_id)


def sessions(tenant: TenantId) -> Select[Any]:
    return select(
        AcademicSession.id,
        AcademicSession.sourced_id,
        AcademicSession.title,
        AcademicSession.session_type,
        AcademicSession.starts_on,
        AcademicSession.ends_on,
        AcademicSession.school_year,
        AcademicSession.parent_id,
        AcademicSession.deleted_at.is_(None).label("is_active"),
    ).where(AcademicSession.district_id == tenant.value)


def courses(tenant: TenantId) -> Select[Any]:
    return select(
        Course.id,
        Course.sourced_id,
        Course.title,
        Course.course_code,
        Course.subjects,
        Course.grades,
        Course.organisation_sourced_id,
        Course.deleted_at.is_(None).label("is_active"),
    ).where(Course.district_id == tenant.value)


def people(tenant: TenantId, school_id: UUID | None) -> Select[Any]:
    statement = select(
        User.id,
        User.sourced_id,
        User.school_id,
        User.role,
        User.name,
        User.email,
        User.grade_level,
        (User.status != UserStatus.DISABLED).label("is_active"),
        User.deleted_at.is_not(None).label("is_removed"),
    ).where(User.district_id == tenant.value)
    return statement if school_id is None else statement.where(User.school_id == school_id)


def classes(tenant: TenantId, school_id: UUID | None) -> Select[Any]:
    terms = (
        select(func.array_agg(ClassSession.academic_session_id))
        .where(ClassSession.district_id == tenant.value, ClassSession.class_id == SchoolClass.id)
        .correlate(SchoolClass)
        .scalar_subquery()
    )
    statement = select(
        SchoolClass.id,
        SchoolClass.sourced_id,
        SchoolClass.school_id,
        SchoolClass.name,
        SchoolClass.subject,
        SchoolClass.grade_level,
        SchoolClass.school_year,
        SchoolClass.teacher_id,
        SchoolClass.course_id,
        terms.label("terms"),
        SchoolClass.deleted_at.is_(None).label("is_active"),
    ).where(SchoolClass.district_id == tenant.value)
    return statement if school_id is None else statement.where(SchoolClass.school_id == school_id)


def enrollments(tenant: TenantId, school_id: UUID | None) -> Select[Any]:
    statement = select(
        ClassEnrollment.id,
        ClassEnrollment.sourced_id,
        ClassEnrollment.school_id,
        ClassEnrollment.class_id,
        ClassEnrollment.student_id,
        (ClassEnrollment.status == EnrollmentStatus.APPROVED).label("is_active"),
    ).where(ClassEnrollment.district_id == tenant.value, ClassEnrollment.deleted_at.is_(None))
    return statement if school_id is None else statement.where(ClassEnrollment.school_id == school_id)


def assignments(tenant: TenantId, school_id: UUID | None) -> Select[Any]:
    """What students have been given, with what it counts."""
    questions = (
        select(func.sum(Question.points))
        .where(Question.district_id == tenant.value, Question.assignment_id == Assignment.id)
        .where(Question.deleted_at.is_(None))
        .correlate(Assignment)
        .scalar_subquery()
    )
    statement = select(
        Assignment.id,
        Assignment.sourced_id,
        Assignment.class_id,
        Assignment.title,
        Assignment.description,
        Assignment.category,
        func.coalesce(Assignment.available_at, Assignment.published_at, Assignment.created_at).label(
            "given_at"
        ),
        Assignment.due_at,
        func.coalesce(Assignment.points, questions, 0).label("points"),
    ).where(
        Assignment.district_id == tenant.value,
        Assignment.status != AssignmentStatus.DRAFT,
        Assignment.deleted_at.is_(None),
    )
    statement = statement.order_by(Assignment.id)
    return statement if school_id is None else statement.where(Assignment.school_id == school_id)


def grades(tenant: TenantId, school_id: UUID | None) -> Select[Any]:
    """What work that was handed in has earned."""
    statement = (
        select(
            Grade.id,
            Grade.assignment_id,
            Grade.class_id,
            Grade.student_id,
            Grade.score,
            Grade.status,
            Grade.updated_at,
        )
        .where(Grade.district_id == tenant.value, Grade.status != GradeStatus.IN_PROGRESS)
        .order_by(Grade.id)
    )
    return statement if school_id is None else statement.where(Grade.school_id == school_id)


USED_ADDRESSES = text(
    """
    SELECT wanted.place FROM unnest(CAST(:indexes AS bytea[])) WITH ORDINALITY AS wanted (address, place),
        LATERAL auth.find_identity(wanted.address) AS found
    WHERE found.user_id IS NOT NULL
    """
)

_DELETED_AT = "CASE WHEN line.is_active THEN NULL ELSE coalesce(here.deleted_at, :now) END"

NAME_DISTRICT = text(
    "UPDATE app.districts SET sourced_id = :sourced_id, updated_at = now() WHERE district_id = :district_id"
)
INSERT_SCHOOLS = text(
    """
    INSERT INTO app.schools (district_id, id, sourced_id, name)
    SELECT :district_id, line.id, line.sourced_id, line.name
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line (id uuid, sourced_id text, name text)
    """
)
UPDATE_SCHOOLS = text(
    f"""
    UPDATE app.schools AS here SET sourced_id = line.sourced_id, name = line.name, deleted_at = {_DELETED_AT},
        updated_at = now()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line (id uuid, sourced_id text, name text, is_active boolean)
    WHERE here.district_id = :district_id AND here.id = line.id
    """
)
_SESSION = """(id uuid, sourced_id text, title text, session_type text, starts_on date, ends_on date,
    school_year text, parent_id uuid, is_active boolean)"""
INSERT_SESSIONS = text(
    f"""
    INSERT INTO app.academic_sessions
        (district_id, id, sourced_id, title, session_type, starts_on, ends_on, school_year, parent_id)
    SELECT :district_id, line.id, line.sourced_id, line.title, line.session_type, line.starts_on, line.ends_on,
        line.school_year, line.parent_id
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_SESSION}
    """
)
UPDATE_SESSIONS = text(
    f"""
    UPDATE app.academic_sessions AS here SET title = line.title, session_type = line.session_type,
        starts_on = line.starts_on, ends_on = line.ends_on, school_year = line.school_year,
        parent_id = line.parent_id, deleted_at = {_DELETED_AT}, updated_at = now()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_SESSION}
    WHERE here.district_id = :district_id AND here.id = line.id
    """
)
_COURSE = """(id uuid, sourced_id text, title text, course_code text, subjects text, grades text,
    organisation_sourced_id text, is_active boolean)"""
INSERT_COURSES = text(
    f"""
    INSERT INTO app.courses
        (district_id, id, sourced_id, title, course_code, subjects, grades, organisation_sourced_id)
    SELECT :district_id, line.id, line.sourced_id, line.title, line.course_code, line.subjects, line.grades,
        line.organisation_sourced_id
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_COURSE}
    """
)
UPDATE_COURSES = text(
    f"""
    UPDATE app.courses AS here SET title = line.title, course_code = line.course_code, subjects = line.subjects,
        grades = line.grades, organisation_sourced_id = line.organisation_sourced_id, deleted_at = {_DELETED_AT},
        updated_at = now()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_COURSE}
    WHERE here.district_id = :district_id AND here.id = line.id
    """
)
_PERSON = """(id uuid, sourced_id text, school_id uuid, role text, name text, email text, grade_level int,
    is_active boolean)"""
INSERT_PEOPLE = text(
    f"""
    INSERT INTO app.users (district_id, school_id, id, sourced_id, role, name, email, grade_level, status)
    SELECT :district_id, line.school_id, line.id, line.sourced_id, line.role, line.name, line.email,
        line.grade_level, CASE WHEN line.is_active THEN 'active' ELSE 'disabled' END
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_PERSON}
    """
)
_LAST_WORD = """(SELECT said.decision FROM app.consents AS said
    WHERE said.district_id = :district_id AND said.student_id = here.id AND said.scope = 'collection'
    ORDER BY (said.basis = 'parent') DESC, said.decided_at DESC, said.id DESC LIMIT 1)"""
"""On the collection of a child's data, as `core.consents` reads it: a guardian's no outlasts any roster."""
UPDATE_PEOPLE = text(
    f"""
    UPDATE app.users AS here SET sourced_id = line.sourced_id, name = line.name, grade_level = line.grade_level,
        status = CASE WHEN NOT line.is_active THEN 'disabled' WHEN here.status <> 'disabled' THEN here.status
            WHEN {_LAST_WORD} <> 'granted' THEN 'awaiting_consent' ELSE 'active' END,
        updated_at = now()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_PERSON}
    WHERE here.district_id = :district_id AND here.id = line.id AND here.deleted_at IS NULL
    """
)
CREATE_IDENTITIES = text(
    """
    SELECT count(*) FROM unnest(CAST(:user_ids AS uuid[]), CAST(:indexes AS bytea[])) AS fresh (id, address)
    WHERE auth.create_identity(fresh.id, fresh.address, '!')
    """
)
"""No password has this hash: the way in is a mailed link, or an identity provider."""

CONSENT_OF_SCHOOL = text(
    """
    INSERT INTO app.consents (district_id, school_id, id, student_id, scope, decision, basis, notice_version,
        method, decided_by, decided_at)
    SELECT :district_id, line.school_id, line.id, line.student_id, 'collection', 'granted', 'school_agent',
        :notice_version, 'roster', :decided_by, :now
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line (id uuid, school_id uuid, student_id uuid)
    """
)
RECORD_PEOPLE = text(
    """
    INSERT INTO app.tenant_audit_events (district_id, school_id, id, actor_id, subject_id, action, object_type,
        object_id, details, occurred_at)
    SELECT :district_id, line.school_id, line.id, :actor_id, line.user_id, line.action, 'user', line.user_id,
        jsonb_build_object('roster', CAST(:job_id AS text)), :now
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line (id uuid, school_id uuid, user_id uuid, action text)
    """
)
_CLASS = """(id uuid, sourced_id text, school_id uuid, name text, subject text, grade_level int,
    school_year text, teacher_id uuid, course_id uuid, code text, is_active boolean)"""
INSERT_CLASSES = text(
    f"""
    INSERT INTO app.classes (district_id, school_id, id, sourced_id, teacher_id, name, subject, grade_level,
        school_year, course_id, code, code_expires_at)
    SELECT :district_id, line.school_id, line.id, line.sourced_id, line.teacher_id, line.name, line.subject,
        line.grade_level, line.school_year, line.course_id, line.code, :code_expires_at
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_CLASS}
    """
)
UPDATE_CLASSES = text(
    f"""
    UPDATE app.classes AS here SET sourced_id = line.sourced_id, teacher_id = line.teacher_id, name = line.name,
        subject = line.subject, grade_level = line.grade_level, school_year = line.school_year,
        course_id = line.course_id, deleted_at = {_DELETED_AT}, updated_at = now()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_CLASS}
    WHERE here.district_id = :district_id AND here.id = line.id
    """
)
SET_CODES = text(
    """
    SELECT count(auth.set_class_code(fresh.id, fresh.school_id, fresh.code_hash, :code_expires_at)::text)
    FROM unnest(CAST(:class_ids AS uuid[]), CAST(:school_ids AS uuid[]), CAST(:hashes AS bytea[]))
        AS fresh (id, school_id, code_hash)
    """
)
END_CODES = text(
    "SELECT count(auth.delete_class_code(closed.id)::text) FROM unnest(CAST(:class_ids AS uuid[])) AS closed (id)"
)
FORGET_TERMS = text(
    "DELETE FROM app.class_sessions WHERE district_id = :district_id AND class_id = ANY(CAST(:class_ids AS uuid[]))"
)
INSERT_TERMS = text(
    """
    INSERT INTO app.class_sessions (district_id, school_id, class_id, academic_session_id)
    SELECT :district_id, line.school_id, line.class_id, line.session_id
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line (school_id uuid, class_id uuid, session_id uuid)
    """
)
_ENROLLMENT = "(id uuid, sourced_id text, school_id uuid, class_id uuid, student_id uuid, is_active boolean)"
INSERT_ENROLLMENTS = text(
    f"""
    INSERT INTO app.class_enrollments (district_id, school_id, id, sourced_id, class_id, student_id, status,
        requested_at, decided_at)
    SELECT :district_id, line.school_id, line.id, line.sourced_id, line.class_id, line.student_id, 'approved',
        :now, :now
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_ENROLLMENT}
    """
)
UPDATE_ENROLLMENTS = text(
    f"""
    UPDATE app.class_enrollments AS here SET sourced_id = line.sourced_id,
        status = CASE WHEN line.is_active THEN 'approved' ELSE 'removed' END, decided_at = :now, updated_at = now()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line {_ENROLLMENT}
    WHERE here.district_id = :district_id AND here.id = line.id
    """
)
