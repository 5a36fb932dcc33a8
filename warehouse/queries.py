"""Every statement that is asked of the marts. Values are bound; a name in SQL is always one of ours."""

from collections.abc import Sequence
from uuid import UUID

from warehouse.reader import MartQuery


def class_performance(class_id: UUID) -> MartQuery:
    """One row, or none while the class is unknown to the pipeline."""
    return MartQuery(
        marts=("class_performance",),
        sql="SELECT * EXCLUDE (district_id) FROM class_performance WHERE class_id = $class_id",
        parameters={"class_id": str(class_id)},
    )


def class_mastery(class_id: UUID, student_ids: Sequence[UUID]) -> MartQuery:
    """Mastery of these students on the concepts this class has practised, by student and concept."""
    return MartQuery(
        marts=("concept_mastery", "question_statistics"),
        sql=f"""
            SELECT * EXCLUDE (district_id) FROM concept_mastery
            WHERE student_id IN (SELECT unnest($student_ids::VARCHAR[])) AND {_PRACTISED_IN_CLASS}
            ORDER BY student_id, concept_id
        """,
        parameters=_class_parameters(class_id, student_ids),
    )


def class_struggling(class_id: UUID, student_ids: Sequence[UUID]) -> MartQuery:
    """Flags of these students on the concepts this class has practised, each student's worst first."""
    return MartQuery(
        marts=("struggling_flags", "question_statistics"),
        sql=f"""
            SELECT * EXCLUDE (district_id) FROM struggling_flags
            WHERE student_id IN (SELECT unnest($student_ids::VARCHAR[])) AND {_PRACTISED_IN_CLASS}
            ORDER BY student_id, rank
        """,
        parameters=_class_parameters(class_id, student_ids),
    )


_PRACTISED_IN_CLASS = (
    "concept_id IN (SELECT unnest(concept_ids) FROM question_statistics WHERE class_id = $class_id)"
)


def _class_parameters(class_id: UUID, student_ids: Sequence[UUID]) -> dict[str, object]:
    return {"class_id": str(class_id), "student_ids": [str(student_id) for student_id in student_ids]}
