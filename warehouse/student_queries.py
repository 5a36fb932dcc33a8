"""What is asked of the marts about one student. The caller names the classes it may ask about; values are bound."""

from collections.abc import Sequence
from uuid import UUID

from warehouse.reader import MartQuery


def student_progress(student_id: UUID, class_ids: Sequence[UUID]) -> MartQuery:
    """Where the student stands in these classes, beside each class as a whole."""
    return MartQuery(
        marts=("student_progress", "class_performance"),
        sql=f"""
            SELECT progress.* EXCLUDE (district_id, school_id, student_id),
                whole.average_percent AS class_average_percent, whole.median_percent AS class_median_percent,
                whole.completion_percent AS class_completion_percent
            FROM (SELECT * FROM student_progress WHERE {_OWN}) AS progress
            LEFT JOIN class_performance AS whole ON whole.class_id = progress.class_id
            ORDER BY progress.class_id
        """,
        parameters=_own(student_id, class_ids),
    )


def graded_assignments(student_id: UUID) -> MartQuery:
    """The assignments that what is known of a student rests on."""
    return MartQuery(
        marts=("answers",),
        sql="""
            SELECT DISTINCT assignment_id FROM answers
            WHERE student_id = $student_id AND is_first_graded ORDER BY assignment_id
        """,
        parameters={"student_id": str(student_id)},
    )


def student_velocity(student_id: UUID) -> MartQuery:
    """The trend of the student's level, and how many concepts became secure lately."""
    return MartQuery(
        marts=("learning_velocity",),
        sql="""
            SELECT answer_count, slope, standard_error, direction, secured_counts, secured_per_week
            FROM learning_velocity WHERE student_id = $student_id
        """,
        parameters={"student_id": str(student_id)},
    )


def student_concepts(student_id: UUID, class_ids: Sequence[UUID]) -> MartQuery:
    """Mastery of the concepts that these classes have practised, with the assignments it rests on."""
    return MartQuery(
        marts=("concept_mastery", "question_statistics", "answers"),
        sql="""
            WITH practised AS (
                SELECT DISTINCT unnest(concept_ids) AS concept_id FROM question_statistics
                WHERE class_id IN (SELECT unnest($class_ids::VARCHAR[]))),
            answered AS (
                SELECT concept_id, list(DISTINCT assignment_id ORDER BY assignment_id) AS assignment_ids
                FROM (SELECT unnest(concept_ids) AS concept_id, assignment_id FROM answers
                    WHERE student_id = $student_id AND is_first_graded) GROUP BY concept_id)
            SELECT mastery.* EXCLUDE (district_id, school_id, student_id),
                coalesce(assignment_ids, []) AS assignment_ids
            FROM concept_mastery AS mastery
            JOIN practised ON practised.concept_id = mastery.concept_id
            LEFT JOIN answered ON answered.concept_id = mastery.concept_id
            WHERE student_id = $student_id ORDER BY mastery.concept_id
        """,
        parameters=_own(student_id, class_ids),
    )


def concept_history(student_id: UUID, concept_id: UUID) -> MartQuery:
    """Mastery of one concept, day by day."""
    return MartQuery(
        marts=("mastery_history",),
        sql="""
            SELECT day, mastery_percent, lower_percent, upper_percent, evidence_count, band FROM mastery_history
            WHERE student_id = $student_id AND concept_id = $concept_id ORDER BY day
        """,
        parameters={"student_id": str(student_id), "concept_id": str(concept_id)},
    )


def concept_evidence(
    student_id: UUID, concept_id: UUID, class_ids: Sequence[UUID], *, limit: int
) -> MartQuery:
    """The newest first graded answers of these classes behind a concept, each with what a typical student gets."""
    return MartQuery(
        marts=("answers", "question_statistics"),
        sql="""
            SELECT answer_id, answers.question_id, answers.assignment_id, answered_at, outcome,
                share_right AS typical_outcome
            FROM answers JOIN question_statistics AS asked ON asked.question_id = answers.question_id
            WHERE answers.student_id = $student_id AND list_contains(answers.concept_ids, $concept_id)
                AND answers.class_id IN (SELECT unnest($class_ids::VARCHAR[])) AND is_first_graded
            ORDER BY answered_at DESC, answer_id DESC LIMIT $limit
        """,
        parameters={**_own(student_id, class_ids), "concept_id": str(concept_id), "limit": limit},
    )


def student_answers(
    student_id: UUID, class_ids: Sequence[UUID], *, concept_id: UUID | None, before: UUID | None, limit: int
) -> MartQuery:
    """The student's counting answers in these classes, newest first, of one concept when named."""
    return MartQuery(
        marts=("answers",),
        sql=f"""
            SELECT answer_id, class_id, assignment_id, question_id, question_kind, attempt_number, answered_at,
                selected_option, is_correct, score, possible, time_spent_ms, concept_ids
            FROM answers
            WHERE {_OWN} AND is_counted AND ($before IS NULL OR answer_id < $before)
                AND ($concept_id IS NULL OR list_contains(concept_ids, $concept_id))
            ORDER BY answer_id DESC LIMIT $limit
        """,
        parameters={
            **_own(student_id, class_ids),
            "concept_id": None if concept_id is None else str(concept_id),
            "before": None if before is None else str(before),
            "limit": limit,
        },
    )


def student_time(student_id: UUID, class_ids: Sequence[UUID], *, after: UUID | None, limit: int) -> MartQuery:
    """Time at work on each assignment of these classes, by id."""
    return MartQuery(
        marts=("time_on_task",),
        sql=f"""
            SELECT assignment_id, class_id, attempt_count, active_ms, is_accommodated, norm_ms, share_of_norm
            FROM time_on_task WHERE {_OWN} AND ($after IS NULL OR assignment_id > $after)
            ORDER BY assignment_id LIMIT $limit
        """,
        parameters={
            **_own(student_id, class_ids),
            "after": None if after is None else str(after),
            "limit": limit,
        },
    )


def student_attempts(
    student_id: UUID, class_ids: Sequence[UUID], *, before: UUID | None, limit: int
) -> MartQuery:
    """The student's attempts in these classes, newest first."""
    return MartQuery(
        marts=("attempts",),
        sql=f"""
            SELECT submission_id, class_id, assignment_id, attempt_number, status, started_at, submitted_at, is_late,
                score, possible, answer_count, question_count, active_ms
            FROM attempts WHERE {_OWN} AND ($before IS NULL OR submission_id < $before)
            ORDER BY submission_id DESC LIMIT $limit
        """,
        parameters={
            **_own(student_id, class_ids),
            "before": None if before is None else str(before),
            "limit": limit,
        },
    )


def student_path(student_id: UUID, class_ids: Sequence[UUID]) -> MartQuery:
    """What the student may learn next in these classes, in order."""
    return MartQuery(
        marts=("learning_paths",),
        sql=f"""
            SELECT * EXCLUDE (district_id, school_id, student_id) FROM learning_paths
            WHERE {_OWN} ORDER BY class_id, rank
        """,
        parameters=_own(student_id, class_ids),
    )


_OWN = "student_id = $student_id AND class_id IN (SELECT unnest($class_ids::VARCHAR[]))"


def _own(student_id: UUID, class_ids: Sequence[UUID]) -> dict[str, object]:
    return {"student_id": str(student_id), "class_ids": [str(class_id) for class_id in class_ids]}
