"""When a guardian must be asked before a child's data is used, and what the guardian or the school has said.

The newest word of a guardian on a scope counts; the school's counts while no guardian has spoken on it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.encryption import ColumnKeys, Place
from core.errors import ForbiddenError
from core.models import Consent, ConsentBasis, ConsentDecision, ConsentScope, User, UserStatus
from core.tenancy import Role, TenantContext, TenantId

CONSENT_AGE = 13
"""COPPA: under this age a guardian decides."""

LAST_GRADE_OF_CHILDREN = 7
"""In which many students are still 12."""

Standing = Mapping[ConsentScope, Consent]
"""The one decision per scope that counts; a scope nobody spoke on is missing."""


class ConsentRequiredError(ForbiddenError):
    """A guardian has not consented to this."""

    code = "consent_required"


def age_on(day: date, birth_date: date) -> int:
    """Return completed years; someone born on 29 February turns a year older on 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def is_minor(birth_date: date, day: date) -> bool:
    """Say whether a guardian decides for a person born then: under 13 on `day` (UTC)."""
    return age_on(day, birth_date) < CONSENT_AGE


def seal_birth_date(columns: ColumnKeys, birth_date: date, tenant: TenantId) -> bytes:
    """Return a birth date as `users` keeps it."""
    return columns.encrypt(birth_date.isoformat(), _birth_date_place(tenant.value))


def needs_consent(columns: ColumnKeys, user: User, now: datetime) -> bool:
    """Say whether what this person does may be recorded only with consent.

    Who has no birth date with us did not come alone: staff, and students whom their school brought in and
    answers for.
    """
    birth_date = _birth_date_of(columns, user)
    return birth_date is not None and is_minor(birth_date, now.date())


def may_be_minor(columns: ColumnKeys, user: User, now: datetime) -> bool:
    """Say whether this may be a child under 13: by birth date, else, for students, by grade.

    A student whose age and grade are both unknown may be one.
    """
    if user.birth_date_encrypted is not None or user.role is not Role.STUDENT:
        return needs_consent(columns, user, now)
    return user.grade_level is None or user.grade_level <= LAST_GRADE_OF_CHILDREN


async def standing_consents(session: AsyncSession, tenant: TenantId, student_id: UUID) -> Standing:
    """Return the decisions that count."""
    found = await session.scalars(_standing(tenant, student_id))
    return {consent.scope: consent for consent in found}


async def has_consent(session: AsyncSession, tenant: TenantId, student_id: UUID, scope: ConsentScope) -> bool:
    """Say whether a scope is granted; without the collection nothing is."""
    return grants(await standing_consents(session, tenant, student_id), scope)


def grants(standing: Standing, scope: ConsentScope) -> bool:
    """Say whether these decisions grant a scope; without the collection nothing is granted."""
    needed = {ConsentScope.COLLECTION, scope}
    return all(
        wanted in standing and standing[wanted].decision is ConsentDecision.GRANTED for wanted in needed
    )


async def require_consent(
    session: AsyncSession, tenant: TenantId, student_id: UUID, scope: ConsentScope
) -> None:
    """Raise ConsentRequiredError unless the scope is granted, and hold any withdrawal until we have committed.

    A withdrawal changes the student's row, which is locked here (shared): it comes wholly before or after us.
    """
    await _held_student(session, tenant, student_id)
    if not await has_consent(session, tenant, student_id, scope):
        raise ConsentRequiredError


async def require_ai_consent(
    session: AsyncSession, columns: ColumnKeys, student_id: UUID, *, now: datetime
) -> None:
    """Raise ConsentRequiredError unless this student's words may reach a model. Whoever asks a model asks here first.

    A no that stands counts at any age. A yes is needed under 13, and where we do not know the age.
    """
    context: TenantContext = session.info["context"]
    student = await _held_student(session, context.tenant, student_id)
    standing = await standing_consents(session, context.tenant, student_id)
    if grants(standing, ConsentScope.AI_PROCESSING):
        return
    asked = {ConsentScope.COLLECTION, ConsentScope.AI_PROCESSING}
    is_refused = any(
        consent.decision is not ConsentDecision.GRANTED
        for scope, consent in standing.items()
        if scope in asked
    )
    birth_date = _birth_date_of(columns, student)
    if is_refused or birth_date is None or is_minor(birth_date, now.date()):
        raise ConsentRequiredError


async def _held_student(session: AsyncSession, tenant: TenantId, student_id: UUID) -> User:
    """Lock the student's row against a withdrawal. Raises ConsentRequiredError when one has come."""
    student: User | None = await session.scalar(
        select(User)
        .where(User.district_id == tenant.value, User.id == student_id, User.deleted_at.is_(None))
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    if student is None or student.status is not UserStatus.ACTIVE:
        raise ConsentRequiredError
    return student


def _standing(tenant: TenantId, student_id: UUID) -> Select[tuple[Consent]]:
    return (
        select(Consent)
        .where(Consent.district_id == tenant.value, Consent.student_id == student_id)
        .distinct(Consent.scope)
        .order_by(
            Consent.scope,
            (Consent.basis == ConsentBasis.PARENT).desc(),
            Consent.decided_at.desc(),
            Consent.id.desc(),
        )
    )


def _birth_date_of(columns: ColumnKeys, user: User) -> date | None:
    if user.birth_date_encrypted is None:
        return None
    return date.fromisoformat(columns.decrypt(user.birth_date_encrypted, _birth_date_place(user.district_id)))


def _birth_date_place(district_id: UUID) -> Place:
    return Place("users", "birth_date_encrypted", district_id)
