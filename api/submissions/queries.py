"""Which attempts an actor may see, and the statements of the hot path: one round trip each."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select

from api.classes.queries import visible_classes
from api.submissions.activity import COUNT_ACTIVITY
from core.models import (
    Accommodation,
    AnswerDraft,
    Assignment,
    AssignmentExtension,
    AssignmentStatus,
    Question,
    SchoolClass,
    StudentAnswer,
    StudentSubmission,
    SubmissionStatus,
)
from core.tenancy import Actor

WithTerms = tuple[StudentSubmission, Assignment, AssignmentExtension | None, Accommodation | None]
"""An attempt with what its terms follow from."""


def visible_submissions(actor: Actor) -> Select[tuple[StudentSubmission]]:
    """A student's own attempts; a teacher's or admin's classes' attempts."""
    statement = select(StudentSubmission).where(
        StudentSubmission.district_id == actor.district_id, StudentSubmission.deleted_at.is_(None)
    )
    if actor.is_student:
        return statement.where(StudentSubmission.student_id == actor.user_id)
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    return statement.where(StudentSubmission.class_id.in_(classes))


def visible_submission(actor: Actor, submission_id: UUID) -> Select[tuple[StudentSubmission]]:
    return visible_submissions(actor).where(StudentSubmission.id == submission_id)


def with_terms(
    statement: Select[tuple[StudentSubmission]],
) -> Select[WithTerms]:
    """Beside each attempt its assignment, deleted or not, and what its student is granted for it and needs."""
    of_assignment = and_(
        Assignment.district_id == StudentSubmission.district_id,
        Assignment.id == StudentSubmission.assignment_id,
    )
    extended = and_(
        AssignmentExtension.district_id == StudentSubmission.district_id,
        AssignmentExtension.assignment_id == StudentSubmission.assignment_id,
        AssignmentExtension.student_id == StudentSubmission.student_id,
    )
    accommodated = and_(
        Accommodation.district_id == StudentSubmission.district_id,
        Accommodation.class_id == StudentSubmission.class_id,
        Accommodation.student_id == StudentSubmission.student_id,
    )
    return (
        statement.join(Assignment, of_assignment)
        .outerjoin(AssignmentExtension, extended)
        .outerjoin(Accommodation, accommodated)
        .add_columns(Assignment, AssignmentExtension, Accommodation)
    )


def attempt_at_work(actor: Actor, submission_id: UUID) -> Select[tuple[StudentSubmission]]:
    """A student's own attempt while the student has a place in its class; join it with its terms."""
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    return visible_submission(actor, submission_id).where(
        StudentSubmission.student_id == actor.user_id,
        StudentSubmission.class_id.in_(classes),
        Assignment.deleted_at.is_(None),
    )


def standing_drafts(district_id: UUID, submission_id: UUID) -> Select[tuple[AnswerDraft]]:
    """Of each question the state that was written last, by question."""
    return (
        select(AnswerDraft)
        .where(AnswerDraft.district_id == district_id, AnswerDraft.submission_id == submission_id)
        .distinct(AnswerDraft.question_id)
        .order_by(AnswerDraft.question_id, AnswerDraft.client_seq.desc())
    )


def drafts_at(district_id: UUID, place: tuple[UUID, UUID]) -> Select[tuple[AnswerDraft]]:
    """Every state of the draft at one place: an attempt and a question."""
    return select(AnswerDraft).where(
        AnswerDraft.district_id == district_id,
        AnswerDraft.submission_id == place[0],
        AnswerDraft.question_id == place[1],
    )


def same_and_standing_draft(
    district_id: UUID, place: tuple[UUID, UUID], client_seq: int
) -> Select[tuple[AnswerDraft]]:
    """The state with this number and the one that stands: none, one or two."""
    drafts = drafts_at(district_id, place)
    highest = drafts.with_only_columns(func.max(AnswerDraft.client_seq)).scalar_subquery()
    return drafts.where(or_(AnswerDraft.client_seq == client_seq, AnswerDraft.client_seq == highest))


def question_of(submission: StudentSubmission, question_id: UUID) -> Select[tuple[Question]]:
    """A question of an attempt's assignment."""
    return select(Question).where(
        Question.district_id == submission.district_id,
        Question.assignment_id == submission.assignment_id,
        Question.id == question_id,
        Question.deleted_at.is_(None),
    )


def unanswered_drafts(submission: StudentSubmission) -> Select[tuple[AnswerDraft, Question]]:
    """The standing drafts of an attempt's questions at which nothing has been tried, with their questions."""
    tried = exists().where(
        StudentAnswer.district_id == submission.district_id,
        StudentAnswer.submission_id == submission.id,
        StudentAnswer.question_id == AnswerDraft.question_id,
    )
    of_question = and_(
        Question.district_id == AnswerDraft.district_id,
        Question.id == AnswerDraft.question_id,
        Question.deleted_at.is_(None),
    )
    drafts = standing_drafts(submission.district_id, submission.id).join(Question, of_question)
    return drafts.where(~tried).add_columns(Question)


def attempts_with_terms(district_id: UUID, ids: Collection[UUID]) -> Select[WithTerms]:
    """Attempts by id, whoever's they are: for what a machine does."""
    attempts = select(StudentSubmission).where(
        StudentSubmission.district_id == district_id, StudentSubmission.id.in_(ids)
    )
    return with_terms(attempts)


def own_attempts(actor: Actor, assignment_id: UUID) -> Select[tuple[StudentSubmission]]:
    return (
        select(StudentSubmission)
        .where(
            StudentSubmission.district_id == actor.district_id,
            StudentSubmission.assignment_id == assignment_id,
            StudentSubmission.student_id == actor.user_id,
            StudentSubmission.deleted_at.is_(None),
        )
        .order_by(StudentSubmission.attempt_number)
        .with_for_update()
    )


def open_attempt(actor: Actor, assignment_id: UUID) -> Select[tuple[StudentSubmission]]:
    return own_attempts(actor, assignment_id).where(StudentSubmission.status == SubmissionStatus.IN_PROGRESS)


def answers_of(actor: Actor, submission_id: UUID) -> Select[tuple[StudentAnswer, Question]]:
    """Every try in an attempt with its question, in the order of the questions and tries."""
    return (
        select(StudentAnswer, Question)
        .join(
            Question,
            (Question.district_id == StudentAnswer.district_id) & (Question.id == StudentAnswer.question_id),
        )
        .where(StudentAnswer.district_id == actor.district_id, StudentAnswer.submission_id == submission_id)
        .order_by(Question.position, StudentAnswer.answered_at, StudentAnswer.id)
    )


def published_assignment(actor: Actor, assignment_id: UUID) -> Select[tuple[Assignment]]:
    """The assignment, held as the attempt's foreign key will hold it: nobody takes it back meanwhile."""
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    return (
        select(Assignment)
        .where(
            Assignment.district_id == actor.district_id,
            Assignment.id == assignment_id,
            Assignment.status == AssignmentStatus.PUBLISHED,
            Assignment.deleted_at.is_(None),
            Assignment.class_id.in_(classes),
        )
        .with_for_update(read=True, key_share=True, of=Assignment)
    )


def last_attempt_number(submission: StudentSubmission) -> Select[tuple[int]]:
    """The number of the newest attempt of the same student at the same assignment."""
    return select(func.max(StudentSubmission.attempt_number)).where(
        StudentSubmission.district_id == submission.district_id,
        StudentSubmission.assignment_id == submission.assignment_id,
        StudentSubmission.student_id == submission.student_id,
    )


def open_attempts(district_id: UUID) -> Select[WithTerms]:
    """Every attempt in progress in a district, with its terms; nothing of what was deleted."""
    attempts = select(StudentSubmission).where(
        StudentSubmission.district_id == district_id,
        StudentSubmission.status == SubmissionStatus.IN_PROGRESS,
        StudentSubmission.deleted_at.is_(None),
    )
    of_class = and_(
        SchoolClass.district_id == StudentSubmission.district_id, SchoolClass.id == StudentSubmission.class_id
    )
    alive = with_terms(attempts).join(SchoolClass, of_class)
    return alive.where(Assignment.deleted_at.is_(None), SchoolClass.deleted_at.is_(None))


# Answers of one attempt queue up here. A statement of its own: what a statement reads beside the row it waited
# for is as old as its own beginning, so one that locked and read would miss the answer it had waited for.
LOCK_ATTEMPT = """
SELECT 1 FROM app.student_submissions
WHERE district_id = %(district_id)s AND id = %(submission_id)s AND student_id = %(student_id)s AND deleted_at IS NULL
FOR NO KEY UPDATE
"""

# The attempt, the question with its key, the terms the student works under, the try that counts so far and an
# earlier arrival of this very try.
ANSWERING = """
SELECT s.id AS submission_id, s.school_id, s.assignment_id, s.class_id, s.attempt_number,
    s.status AS submission_status, s.score, s.possible, s.started_at,
    q.kind, q.points, q.options, q.correct_option, q.explanation, q.key_version,
    q.credits_everyone,
    a.available_at, a.due_at, a.available_until, a.time_limit_minutes, a.max_attempts, a.feedback_release,
    a.grade_posting,
    coalesce(needs.time_multiplier, 1) AS time_multiplier, coalesce(needs.due_shift_hours, 0) AS due_shift_hours,
    granted.due_at AS granted_due_at, granted.available_until AS granted_until,
    coalesce(granted.extra_attempts, 0) AS extra_attempts, coalesce(granted.extra_minutes, 0) AS extra_minutes,
    counting.id AS counting_id, counting.status AS counting_status, counting.score AS counting_score,
    repeated.id AS repeated_id
FROM app.student_submissions s
JOIN app.assignments a ON a.district_id = s.district_id AND a.id = s.assignment_id
JOIN app.classes c ON c.district_id = s.district_id AND c.id = s.class_id
JOIN app.class_enrollments e ON e.district_id = s.district_id AND e.class_id = s.class_id
    AND e.student_id = s.student_id AND e.status = 'approved'
JOIN app.questions q ON q.district_id = s.district_id AND q.assignment_id = s.assignment_id
    AND q.id = %(question_id)s AND q.deleted_at IS NULL
LEFT JOIN app.accommodations needs ON needs.district_id = s.district_id AND needs.class_id = s.class_id
    AND needs.student_id = s.student_id
LEFT JOIN app.assignment_extensions granted ON granted.district_id = s.district_id
    AND granted.assignment_id = s.assignment_id AND granted.student_id = s.student_id
LEFT JOIN app.student_answers counting ON counting.district_id = s.district_id
    AND counting.submission_id = s.id AND counting.question_id = q.id AND counting.counts
LEFT JOIN app.student_answers repeated ON repeated.district_id = s.district_id
    AND repeated.submission_id = s.id AND repeated.question_id = q.id AND repeated.client_seq = %(client_seq)s
WHERE s.district_id = %(district_id)s AND s.id = %(submission_id)s AND s.student_id = %(student_id)s
    AND s.deleted_at IS NULL AND a.deleted_at IS NULL AND c.deleted_at IS NULL
"""

REPLACE_WAITING = """
UPDATE app.student_answers SET counts = false, updated_at = now()
WHERE district_id = %(district_id)s AND id = %(answer_id)s
"""

# The try, what it earned for its attempt, and the time at work it is a trace of.
STORE = f"""
WITH earned AS (
    UPDATE app.student_submissions AS s SET score = s.score + %(gained)s, updated_at = now(), {COUNT_ACTIVITY}
    WHERE s.district_id = %(district_id)s AND s.id = %(submission_id)s
)
INSERT INTO app.student_answers (district_id, school_id, id, submission_id, assignment_id, question_id, student_id,
    client_seq, answer, status, is_correct, score, possible, feedback, time_spent_ms, counts, answered_at, graded_at,
    graded_by, key_version)
VALUES (%(district_id)s, %(school_id)s, %(answer_id)s, %(submission_id)s, %(assignment_id)s, %(question_id)s,
    %(student_id)s, %(client_seq)s, %(answer)s, %(status)s, %(is_correct)s, %(score)s, %(possible)s, %(feedback)s,
    %(time_spent_ms)s, %(counts)s, %(answered_at)s, %(graded_at)s, %(graded_by)s, %(key_version)s)
"""

# The running score of an open first attempt. What was handed in before, entered or overridden stays: handing in
# settles. Triggers count the version and write the history; nothing happens when nothing changes.
SET_GRADE = """
INSERT INTO app.grades AS g (district_id, school_id, id, assignment_id, class_id, student_id, submission_id,
    score, entered_score, possible, percent, status, source, is_posted,
    change_reason, changed_by, changed_for_answer, changed_at)
VALUES (%(district_id)s, %(school_id)s, %(grade_id)s, %(assignment_id)s, %(class_id)s, %(student_id)s,
    %(submission_id)s, %(score)s, %(score)s, %(possible)s, %(percent)s, %(status)s, %(source)s, %(is_posted)s,
    %(reason)s, %(actor_id)s, %(answer_id)s, %(now)s)
ON CONFLICT (district_id, assignment_id, student_id) DO UPDATE SET
    submission_id = excluded.submission_id, score = excluded.score, entered_score = excluded.entered_score,
    possible = excluded.possible, percent = excluded.percent, status = excluded.status, source = excluded.source,
    change_reason = excluded.change_reason, changed_by = excluded.changed_by,
    changed_for_answer = excluded.changed_for_answer, changed_at = excluded.changed_at, updated_at = now()
WHERE g.status IN ('in_progress', 'no_score') AND NOT g.is_entered AND g.override_score IS NULL
    AND NOT EXISTS (SELECT 1 FROM app.student_submissions s
        WHERE s.district_id = g.district_id AND s.assignment_id = g.assignment_id AND s.student_id = g.student_id
            AND s.submitted_at IS NOT NULL AND s.deleted_at IS NULL)
    AND (g.score, g.possible, g.status) IS DISTINCT FROM (excluded.score, excluded.possible, excluded.status)
RETURNING id, version, score, possible, percent, status
"""
