"""The answer to be graded with what its grading needs, and the compare-and-set of its result."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.dialects.postgresql.dml import Insert

from core.models import (
    AiGrading,
    BackgroundJob,
    DistrictSettings,
    Question,
    StudentAnswer,
    StudentSubmission,
    User,
)
from core.tenancy import TenantContext

WithQuestion = tuple[StudentAnswer, StudentSubmission, Question, User]


def answer_to_grade(context: TenantContext, answer_id: UUID) -> Select[WithQuestion]:
    return (
        select(StudentAnswer, StudentSubmission, Question, User)
        .join(
            StudentSubmission,
            (StudentSubmission.district_id == StudentAnswer.district_id)
            & (StudentSubmission.id == StudentAnswer.submission_id),
        )
        .join(
            Question,
            (Question.district_id == StudentAnswer.district_id) & (Question.id == StudentAnswer.question_id),
        )
        .join(User, (User.district_id == StudentAnswer.district_id) & (User.id == StudentAnswer.student_id))
        .where(StudentAnswer.district_id == context.tenant.value, StudentAnswer.id == answer_id)
        .execution_options(populate_existing=True)
    )


def settings_of(context: TenantContext) -> Select[tuple[DistrictSettings]]:
    return select(DistrictSettings).where(DistrictSettings.district_id == context.tenant.value)


def grading_of(context: TenantContext, answer_id: UUID, rubric_version: int) -> Select[tuple[UUID]]:
    return select(AiGrading.id).where(
        AiGrading.district_id == context.tenant.value,
        AiGrading.answer_id == answer_id,
        AiGrading.rubric_version == rubric_version,
    )


def new_grading(values: dict[str, object]) -> Insert:
    """Write the one row of an answer and a version of its rubric; whoever comes second writes nothing."""
    return upsert(AiGrading).values(**values).on_conflict_do_nothing()


def waits_of(context: TenantContext, job_id: UUID) -> Select[tuple[BackgroundJob]]:
    return select(BackgroundJob).where(
        BackgroundJob.district_id == context.tenant.value, BackgroundJob.id == job_id
    )


# Answers that wait for a machine and that no job looks after any more, oldest first; what a job looks after moves its
# row at least every five minutes.
FORSAKEN = """
SELECT a.id, a.student_id, a.school_id FROM app.student_answers a
WHERE a.district_id = %(district_id)s AND a.counts AND a.status <> 'graded' AND a.status = 'pending'
    AND a.answered_at < %(before)s
    AND NOT EXISTS (SELECT 1 FROM app.background_jobs j
        WHERE j.district_id = a.district_id AND j.user_id = a.student_id AND j.subject_id = a.id
            AND j.finished_at IS NULL AND j.updated_at >= %(before)s)
ORDER BY a.id LIMIT %(most)s
"""
