from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import AiInteraction, AiSpending, AiStatus, District, DistrictSettings, User
from tests.factories.saving import saved


def make_ai_interaction(session: Session, user: User, subject_id: UUID) -> AiInteraction:
    now = datetime.now(UTC)
    interaction = AiInteraction(
        district_id=user.district_id,
        school_id=user.school_id,
        id=new_id(),
        request_hash=new_id().hex,
        purpose="write_questions",
        subject_id=subject_id,
        status=AiStatus.ANSWERED,
        model="a-model",
        prompt_version="write_questions/1",
        asked_at=now,
        expires_at=now + timedelta(days=90),
        cost_usd=Decimal("0.0001"),
    )
    return saved(session, interaction)


def make_ai_spending(session: Session, district: District) -> AiSpending:
    spending = AiSpending(district_id=district.district_id, month=date(2026, 11, 1), spent_usd=Decimal("0.5"))
    return saved(session, spending)


def make_district_settings(session: Session, district: District) -> DistrictSettings:
    return saved(session, DistrictSettings(district_id=district.district_id, ai_enabled=True))
