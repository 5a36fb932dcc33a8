"""Grades of assignments and of whole classes, the policies that make them, and the history of every change."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, SchoolOwned, TenantOwned, Timestamped, choice, in_school, school_reference
from core.models.question import EXACT, POINTS, question_of_assignment

PERCENT = EXACT
"""A percent rounded half up, once, to the policy's places; may pass 100 by extra credit."""


class GradeStatus(StrEnum):
    NO_SCORE = "no_score"
    """Nothing handed in and nothing entered; the row holds a teacher's word (excused, missing, late)."""
    IN_PROGRESS = "in_progress"
    AWAITING_TEACHER = "awaiting_teacher"
    GRADED = "graded"


class GradeSource(StrEnum):
    """Where a score comes from; a later one in this list is never overruled by an earlier one."""

    MISSING = "missing"
    """The policy's score for work that never came."""
    AUTOMATIC = "automatic"
    AI = "ai"
    TEACHER = "teacher"
    OVERRIDE = "override"


class Grade(SchoolOwned, Timestamped, Base):
    """What one student has earned on one assignment. A trigger counts `version` and writes the history."""

    __tablename__ = "grades"
    __table_args__ = (
        in_school(),
        school_reference("assignment_id", "assignments"),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        school_reference("submission_id", "student_submissions"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "assignment_id", "student_id"),
        CheckConstraint("deduction >= 0", name="deduction"),
        CheckConstraint("late_seconds >= 0", name="late_seconds"),
        CheckConstraint("(override_score IS NULL) = (overridden_at IS NULL)", name="override"),
        Index("ix_grades_class", "district_id", "class_id", "student_id", "id"),
        Index("ix_grades_student", "district_id", "student_id", "id"),
        Index("ix_grades_updated", "updated_at", postgresql_using="brin"),
        Index(
            "ix_grades_unposted",
            "district_id",
            "class_id",
            "assignment_id",
            postgresql_where=text("NOT is_posted"),
        ),
    )

    assignment_id: Mapped[UUID]
    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    submission_id: Mapped[UUID | None]
    """The attempt the grade stands for; null where its teacher entered it."""
    score: Mapped[Decimal | None] = mapped_column(EXACT)
    """What counts: the override, or what was entered or earned less the deduction; null: no score."""
    possible: Mapped[Decimal] = mapped_column(POINTS)
    percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    status: Mapped[GradeStatus] = mapped_column(choice(GradeStatus, "status"))
    source: Mapped[GradeSource] = mapped_column(
        choice(GradeSource, "source"), server_default=GradeSource.AUTOMATIC
    )
    entered_score: Mapped[Decimal | None] = mapped_column(EXACT)
    """Before any deduction; a regrade starts from it, so a penalty is never applied twice."""
    is_entered: Mapped[bool] = mapped_column(server_default="false")
    """A teacher typed `entered_score`; attempts no longer change it."""
    deduction: Mapped[Decimal] = mapped_column(EXACT, server_default="0")
    late_seconds: Mapped[int] = mapped_column(server_default="0")
    """How late it counts as; 0: in time."""
    late_seconds_override: Mapped[int | None]
    """The teacher's word on it."""
    is_excused: Mapped[bool] = mapped_column(server_default="false")
    is_missing: Mapped[bool | None]
    """The teacher's word; null: missing when it is due and nothing was handed in."""
    is_posted: Mapped[bool] = mapped_column(server_default="true")
    """Whether it counts in what the student sees; one that is not is "no score" there."""
    posted_at: Mapped[datetime | None]
    override_score: Mapped[Decimal | None] = mapped_column(EXACT)
    override_reason: Mapped[str | None]
    overridden_by: Mapped[UUID | None]
    overridden_at: Mapped[datetime | None]
    score_before_regrade: Mapped[Decimal | None] = mapped_column(EXACT)
    """What it was before an answer key was changed for the first time; kept for ever."""
    policy_version: Mapped[int] = mapped_column(server_default="0")
    """The version of the class's policy that made it; 0: the default policy."""
    version: Mapped[int] = mapped_column(server_default="1")
    change_reason: Mapped[str] = mapped_column(server_default="")
    changed_by: Mapped[UUID | None]
    """The person who caused the newest change; null: a machine."""
    changed_for_answer: Mapped[UUID | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GradeHistory(TenantOwned, Timestamped, Base):
    """One row per change of a grade: what, when, by whom and why. Written by a trigger on `grades`; append-only."""

    __tablename__ = "grade_history"
    __table_args__ = (in_school(), school_reference("grade_id", "grades"))

    grade_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    old_score: Mapped[Decimal | None] = mapped_column(EXACT)
    new_score: Mapped[Decimal | None] = mapped_column(EXACT)
    possible: Mapped[Decimal] = mapped_column(POINTS)
    old_status: Mapped[str | None]
    new_status: Mapped[str]
    source: Mapped[GradeSource] = mapped_column(choice(GradeSource, "source"))
    actor_id: Mapped[UUID | None]
    reason: Mapped[str]
    answer_id: Mapped[UUID | None]
    changed_at: Mapped[datetime]
    policy_version: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[dict[str, Any] | None]
    """All that made the score then: `{"entered_score": "8", "deduction": "2", "override_score": null, …}`"""


class GradingPolicyVersion(TenantOwned, Timestamped, Base):
    """How a class is graded, categories included, from one moment on; a change is a new version."""

    __tablename__ = "grading_policies"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        school_reference("created_by", "users"),
        CheckConstraint("version >= 1", name="version"),
    )

    class_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    content: Mapped[dict[str, Any]]
    """As the API accepts it: weighting, drop rule, letters, late and missing work, categories with their ids."""
    created_by: Mapped[UUID]


class ClassGrade(SchoolOwned, Timestamped, Base):
    """A student's overall grade in a class: current and final, of what is posted and of all there is.

    A trigger counts `version` and writes the history.
    """

    __tablename__ = "class_grades"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "class_id", "student_id"),
        Index("ix_class_grades_student", "district_id", "student_id", "class_id"),
    )

    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    current_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    """Of what the student may see, graded work only."""
    current_letter: Mapped[str | None]
    final_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    """Of what the student may see, missing work counted as zero."""
    final_letter: Mapped[str | None]
    all_current_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    """Of all scores, those included that are not posted yet."""
    all_current_letter: Mapped[str | None]
    all_final_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    all_final_letter: Mapped[str | None]
    categories: Mapped[list[dict[str, Any]]]
    """`[{"id", "name", "weight", "current", "final", "all_current", "all_final"}]`; each run with score, possible,
    percent and the assignments its drop rules left out."""
    override_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    override_letter: Mapped[str | None]
    override_reason: Mapped[str | None]
    overridden_by: Mapped[UUID | None]
    overridden_at: Mapped[datetime | None]
    policy_version: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    change_reason: Mapped[str] = mapped_column(server_default="")
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ClassGradeHistory(TenantOwned, Timestamped, Base):
    """One row per change of an overall grade; written by a trigger on `class_grades`; append-only."""

    __tablename__ = "class_grade_history"
    __table_args__ = (in_school(), school_reference("class_grade_id", "class_grades"))

    class_grade_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    old_state: Mapped[dict[str, Any] | None]
    new_state: Mapped[dict[str, Any]]
    """The four percents and letters and the override."""
    policy_version: Mapped[int]
    actor_id: Mapped[UUID | None]
    reason: Mapped[str]
    changed_at: Mapped[datetime]


class Regrade(SchoolOwned, Timestamped, Base):
    """One change of an answer key after students had answered, and how their answers were treated."""

    __tablename__ = "regrades"
    __table_args__ = (
        in_school(),
        question_of_assignment(),
        school_reference("applied_by", "users"),
        UniqueConstraint("district_id", "question_id", "key_version"),
    )

    assignment_id: Mapped[UUID]
    question_id: Mapped[UUID]
    key_version: Mapped[int]
    """The key's new version."""
    policy: Mapped[str]
    """`full_credit`, `current_and_previous` or `current_only`."""
    answers_changed: Mapped[int]
    applied_by: Mapped[UUID]
    applied_at: Mapped[datetime]
