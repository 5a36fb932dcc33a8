from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import Concept, ConceptMastery, ConceptPrerequisite, District, MasteryBand, User
from tests.factories.saving import canary, saved


def make_concept(session: Session, district: District) -> Concept:
    concept_id = new_id()
    concept = Concept(
        district_id=district.district_id,
        id=concept_id,
        subject="Mathematics",
        name=f"Concept {concept_id.hex[-6:]} {canary(district.district_id)}",
        description=f"About {canary(district.district_id)}",
    )
    return saved(session, concept)


def make_prerequisite(session: Session, concept: Concept, prerequisite: Concept) -> ConceptPrerequisite:
    edge = ConceptPrerequisite(
        district_id=concept.district_id, concept_id=concept.id, prerequisite_id=prerequisite.id
    )
    return saved(session, edge)


def make_mastery(session: Session, student: User, concept: Concept) -> ConceptMastery:
    mastery = ConceptMastery(
        district_id=student.district_id,
        school_id=student.school_id,
        student_id=student.id,
        concept_id=concept.id,
        mastery_percent=55.0,
        lower_percent=40.0,
        upper_percent=70.0,
        evidence_count=6,
        band=MasteryBand.DEVELOPING,
        below_threshold=True,
        as_of=datetime.now(UTC),
    )
    return saved(session, mastery)
