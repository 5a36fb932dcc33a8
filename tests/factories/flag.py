from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import Concept, ConceptFlag, RiskFlag, RiskLevel, SchoolClass, User
from tests.factories.saving import canary, saved


def make_risk_flag(session: Session, school_class: SchoolClass, student: User) -> RiskFlag:
    now = datetime.now(UTC)
    flag = RiskFlag(
        district_id=student.district_id,
        school_id=student.school_id,
        id=new_id(),
        class_id=school_class.id,
        student_id=student.id,
        level=RiskLevel.CONCERN,
        probability=0.7,
        reasons=[f"Some work came late. {canary(student.district_id, student.school_id)}"],
        raised_at=now,
        level_since=now,
        as_of=now,
    )
    return saved(session, flag)


def make_concept_flag(session: Session, student: User, concept: Concept) -> ConceptFlag:
    flag = ConceptFlag(
        district_id=student.district_id,
        school_id=student.school_id,
        student_id=student.id,
        concept_id=concept.id,
        rank=1,
        strength="probable",
        p_below_threshold=0.85,
        mastery_percent=45.0,
        reasons=["Rests on 6 answers to 4 questions, the latest on 2026-11-02."],
        as_of=datetime.now(UTC),
    )
    return saved(session, flag)
