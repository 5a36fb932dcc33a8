"""What a district's student information system knows beside people and classes (OneRoster)."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    Identified,
    SoftDeleted,
    TenantOwned,
    Timestamped,
    choice,
    district_reference,
    in_district,
    in_school,
    school_reference,
)


class SessionType(StrEnum):
    """OneRoster's kinds of academic session, as it spells them."""

    GRADING_PERIOD = "gradingPeriod"
    SEMESTER = "semester"
    SCHOOL_YEAR = "schoolYear"
    TERM = "term"


class AcademicSession(Identified, SoftDeleted, Timestamped, Base):
    """A school year, semester, term or grading period of the district."""

    __tablename__ = "academic_sessions"
    __table_args__ = (
        in_district(),
        district_reference("parent_id", "academic_sessions"),
        UniqueConstraint("district_id", "sourced_id"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
    )

    sourced_id: Mapped[str]
    title: Mapped[str]
    session_type: Mapped[SessionType] = mapped_column(choice(SessionType, "session_type"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    school_year: Mapped[str]
    """OneRoster: the year in which the school year ends ("2027")."""
    parent_id: Mapped[UUID | None]


class Course(Identified, SoftDeleted, Timestamped, Base):
    """What a class is a section of; every school of the district may see it."""

    __tablename__ = "courses"
    __table_args__ = (in_district(), UniqueConstraint("district_id", "sourced_id"))

    sourced_id: Mapped[str]
    title: Mapped[str]
    course_code: Mapped[str | None]
    subjects: Mapped[str | None]
    grades: Mapped[str | None]
    """As OneRoster lists them: "09,10"."""
    organisation_sourced_id: Mapped[str | None]
    """The school or district it belongs to, by its name in OneRoster."""


class ClassSession(TenantOwned, Timestamped, Base):
    """A term in which a class takes place."""

    __tablename__ = "class_sessions"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        district_reference("academic_session_id", "academic_sessions"),
        Index("ix_class_sessions_session", "district_id", "academic_session_id", "class_id"),
    )

    class_id: Mapped[UUID] = mapped_column(primary_key=True)
    academic_session_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]


class RosterUpload(Identified, Timestamped, Base):
    """An archive that waits for its import; its id is the job's, and the import's last step removes it."""

    __tablename__ = "roster_uploads"
    __table_args__ = (
        in_district(),
        in_school(),
        district_reference("id", "background_jobs"),
        district_reference("requested_by", "users"),
        CheckConstraint("max_deactivation_percent BETWEEN 0 AND 100", name="max_deactivation_percent"),
        Index("ix_roster_uploads_created", "district_id", "created_at"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    """The only school the import may touch; null: the whole district."""
    requested_by: Mapped[UUID]
    max_deactivation_percent: Mapped[int]
    content: Mapped[bytes]
