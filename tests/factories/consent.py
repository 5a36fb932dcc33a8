"""What guardians and schools decided, and children who wait for it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    Consent,
    ConsentBasis,
    ConsentDecision,
    ConsentRequest,
    ConsentScope,
    SchoolClass,
    User,
)
from tests.factories.saving import canary, saved


def make_consent(
    session: Session,
    student: User,
    scope: ConsentScope = ConsentScope.COLLECTION,
    decision: ConsentDecision = ConsentDecision.GRANTED,
    basis: ConsentBasis = ConsentBasis.PARENT,
) -> Consent:
    assert student.school_id is not None
    consent = Consent(
        district_id=student.district_id,
        school_id=student.school_id,
        id=new_id(),
        student_id=student.id,
        scope=scope,
        decision=decision,
        basis=basis,
        notice_version="test",
        method="email_link",
        decided_at=datetime.now(UTC),
    )
    return saved(session, consent)


def make_consent_request(session: Session, school_class: SchoolClass) -> ConsentRequest:
    mark = canary(school_class.district_id, school_class.school_id)
    request = ConsentRequest(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        id=new_id(),
        class_id=school_class.id,
        child_name=f"Child {mark}",
        guardian_email_encrypted=b"unreadable",
        expires_at=datetime.now(UTC) + timedelta(days=14),
    )
    return saved(session, request)
