"""What is asked of the marts about one class. Values are bound; a name in SQL is always one of ours."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from warehouse.reader import MartQuery


def class_students(class_id: UUID, student_ids: Sequence[UUID]) -> MartQuery:
    """Progress of these students in the class, with the trend of their level."""
    return MartQuery(
        marts=("student_progress", "learning_velocity"),
        sql="""
            SELECT progress.* EXCLUDE (district_id, school_id, class_id), trend.direction, trend.slope,
                trend.standard_error, trend.secured_per_week
            FROM student_progress AS progress
            LEFT JOIN learning_velocity AS trend ON trend.student_id = progress.student_id
            WHERE progress.class_id = $class_id
                AND progress.student_id IN (SELECT unnest($student_ids::VARCHAR[]))
            ORDER BY progress.student_id
        """,
        parameters={"class_id": str(class_id), "student_ids": [str(one) for one in student_ids]},
    )


def class_summary(class_id: UUID) -> MartQuery:
    """The class's own numbers in one row: performance and velocity."""
    return MartQuery(
        marts=("class_performance", "class_velocity"),
        sql="""
            SELECT performance.* EXCLUDE (district_id, school_id), velocity.median_slope, velocity.lower_quartile,
                velocity.upper_quartile, velocity.rising_count, velocity.falling_count
            FROM class_performance AS performance
            LEFT JOIN class_velocity AS velocity ON velocity.class_id = performance.class_id
            WHERE performance.class_id = $class_id
        """,
        parameters={"class_id": str(class_id)},
    )


def assignment_distribution(class_id: UUID, assignment_id: UUID) -> MartQuery:
    """How many students of the class have which ten-percent step of one assignment; steps nobody has are absent."""
    return MartQuery(
        marts=("gradebook",),
        sql="""
            SELECT least(greatest(floor(percent / 10), 0), 9)::INTEGER AS step, count(*) AS student_count
            FROM gradebook
            WHERE class_id = $class_id AND assignment_id = $assignment_id AND status = 'graded'
                AND percent IS NOT NULL AND NOT is_excused
            GROUP BY step ORDER BY step
        """,
        parameters={"class_id": str(class_id), "assignment_id": str(assignment_id)},
    )


def class_questions(
    class_id: UUID, *, assignment_id: UUID | None = None, after: UUID | None = None, limit: int
) -> MartQuery:
    """Statistics of the class's questions by id, of one assignment when named."""
    return MartQuery(
        marts=("question_statistics",),
        sql="""
            SELECT * EXCLUDE (district_id, school_id, class_id) FROM question_statistics
            WHERE class_id = $class_id AND ($assignment_id IS NULL OR assignment_id = $assignment_id)
                AND ($after IS NULL OR question_id > $after)
            ORDER BY question_id LIMIT $limit
        """,
        parameters={
            "class_id": str(class_id),
            "assignment_id": _text(assignment_id),
            "after": _text(after),
            "limit": limit,
        },
    )


def class_question(class_id: UUID, question_id: UUID) -> MartQuery:
    """Statistics of one question of the class."""
    return MartQuery(
        marts=("question_statistics",),
        sql="""
            SELECT * EXCLUDE (district_id, school_id, class_id) FROM question_statistics
            WHERE class_id = $class_id AND question_id = $question_id
        """,
        parameters={"class_id": str(class_id), "question_id": str(question_id)},
    )


def question_answers(class_id: UUID, question_id: UUID, *, after: UUID | None, limit: int) -> MartQuery:
    """Who answered what to one question: the first graded try of each attempt, by id."""
    return MartQuery(
        marts=("answers",),
        sql="""
            SELECT answer_id, student_id, submission_id, attempt_number, answered_at, selected_option, is_correct,
                score, possible, time_spent_ms
            FROM answers
            WHERE class_id = $class_id AND question_id = $question_id AND is_first_graded
                AND ($after IS NULL OR answer_id > $after)
            ORDER BY answer_id LIMIT $limit
        """,
        parameters={
            "class_id": str(class_id),
            "question_id": str(question_id),
            "after": _text(after),
            "limit": limit,
        },
    )


def class_time(class_id: UUID, *, after: UUID | None, limit: int) -> MartQuery:
    """Time at work per assignment, by id: quartiles over everybody, the norm without accommodated students."""
    return MartQuery(
        marts=("time_on_task",),
        sql="""
            SELECT assignment_id, count(*) AS student_count, median(active_ms)::DOUBLE AS median_ms,
                quantile_cont(active_ms, 0.25)::DOUBLE AS lower_ms,
                quantile_cont(active_ms, 0.75)::DOUBLE AS upper_ms,
                any_value(norm_ms) AS norm_ms, any_value(norm_count) AS norm_count
            FROM time_on_task WHERE class_id = $class_id AND ($after IS NULL OR assignment_id > $after)
            GROUP BY assignment_id ORDER BY assignment_id LIMIT $limit
        """,
        parameters={"class_id": str(class_id), "after": _text(after), "limit": limit},
    )


def assignment_time(class_id: UUID, assignment_id: UUID, student_ids: Sequence[UUID]) -> MartQuery:
    """Time at work of these students on one assignment."""
    return MartQuery(
        marts=("time_on_task",),
        sql="""
            SELECT student_id, attempt_count, active_ms, is_accommodated, norm_ms, share_of_norm FROM time_on_task
            WHERE class_id = $class_id AND assignment_id = $assignment_id
                AND student_id IN (SELECT unnest($student_ids::VARCHAR[]))
            ORDER BY student_id
        """,
        parameters={
            "class_id": str(class_id),
            "assignment_id": str(assignment_id),
            "student_ids": [str(one) for one in student_ids],
        },
    )


def class_activity(class_id: UUID, *, since: date, until: date) -> MartQuery:
    """What happened in the class, day by day; days on which nothing did are absent."""
    return MartQuery(
        marts=("class_activity",),
        sql="""
            SELECT day, active_count, event_count, answer_count, hand_in_count FROM class_activity
            WHERE class_id = $class_id AND day BETWEEN $since AND $until ORDER BY day
        """,
        parameters={"class_id": str(class_id), "since": since, "until": until},
    )


def class_concepts(class_id: UUID, student_ids: Sequence[UUID]) -> MartQuery:
    """The concepts the class has practised, each with how many of these students stand in which band."""
    return MartQuery(
        marts=("concept_mastery", "question_statistics"),
        sql="""
            WITH practised AS (
                SELECT DISTINCT unnest(concept_ids) AS concept_id FROM question_statistics
                WHERE class_id = $class_id)
            SELECT mastery.concept_id, count(*) AS student_count,
                count(*) FILTER (band = 'secure') AS secure_count,
                count(*) FILTER (band = 'developing') AS developing_count,
                count(*) FILTER (band = 'struggling') AS struggling_count,
                count(*) FILTER (band = 'not_enough_evidence') AS not_enough_evidence_count,
                count(*) FILTER (below_threshold) AS below_threshold_count,
                median(mastery_percent) AS median_percent
            FROM concept_mastery AS mastery JOIN practised ON practised.concept_id = mastery.concept_id
            WHERE student_id IN (SELECT unnest($student_ids::VARCHAR[]))
            GROUP BY mastery.concept_id ORDER BY mastery.concept_id
        """,
        parameters={"class_id": str(class_id), "student_ids": [str(one) for one in student_ids]},
    )


def class_completion(class_id: UUID, *, after: UUID | None, limit: int) -> MartQuery:
    """Where the class stands with each of its assignments, by id."""
    return MartQuery(
        marts=("assignment_completion",),
        sql="""
            SELECT * EXCLUDE (district_id, school_id, class_id) FROM assignment_completion
            WHERE class_id = $class_id AND ($after IS NULL OR assignment_id > $after)
            ORDER BY assignment_id LIMIT $limit
        """,
        parameters={"class_id": str(class_id), "after": _text(after), "limit": limit},
    )


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
