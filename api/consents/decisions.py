"""Writing decisions down, and letting the account follow them. Nothing is ever changed or removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.consents import queries
from api.consents.errors import CollectionNotGrantedError
from api.consents.notice import current_version
from api.consents.schemas import ScopeState
from core.audit import record_audit
from core.consents import Standing, grants, standing_consents
from core.ids import new_id
from core.models import Consent, ConsentBasis, ConsentDecision, ConsentScope, User, UserStatus
from core.sessions import end_sessions
from core.tenancy import Actor, TenantId

Wanted = Mapping[ConsentScope, ConsentDecision]


@dataclass(frozen=True)
class Decider:
    """By which right somebody decides, and how; a guardian has no account and so is no actor."""

    basis: ConsentBasis
    method: str
    actor: Actor | None = None


GUARDIAN = Decider(ConsentBasis.PARENT, "email_link")


@dataclass(frozen=True)
class Child:
    """Whom decisions are about; the id is the account's, now or later."""

    tenant: TenantId
    school_id: UUID
    student_id: UUID


async def record_decisions(
    session: AsyncSession, child: Child, decider: Decider, wanted: Wanted, *, now: datetime
) -> list[Consent]:
    """Append what is new in `wanted`; the same word again changes nothing.

    Raises CollectionNotGrantedError. The caller holds a lock on the child's request or account.
    """
    statement = queries.decisions_by(child.tenant, child.student_id, decider.basis)
    earlier = {consent.scope: consent.decision for consent in await session.scalars(statement)}
    words = {scope: _word(wanted[scope], earlier.get(scope)) for scope in ConsentScope if scope in wanted}
    fresh = {scope: word for scope, word in words.items() if word is not None}
    await _require_collection(session, child, wanted, fresh)
    rows = [_row(child, decider, decided, now) for decided in fresh.items()]
    session.add_all(rows)
    await session.flush()
    for row in rows:
        await _audit(session, decider, row)
    return rows


def _word(wanted: ConsentDecision, earlier: ConsentDecision | None) -> ConsentDecision | None:
    """A no after a yes is a revocation, before one it declines; None when that has been said already."""
    was_granted = earlier is ConsentDecision.GRANTED
    if wanted is ConsentDecision.GRANTED:
        return None if was_granted else wanted
    if was_granted:
        return ConsentDecision.REVOKED
    return ConsentDecision.DECLINED if earlier is None else None


async def _require_collection(session: AsyncSession, child: Child, wanted: Wanted, fresh: Wanted) -> None:
    others = [scope for scope in fresh if scope is not ConsentScope.COLLECTION]
    if not any(fresh[scope] is ConsentDecision.GRANTED for scope in others):
        return
    said = wanted.get(ConsentScope.COLLECTION)
    if said is None:
        standing = await standing_consents(session, child.tenant, child.student_id)
        is_granted = grants(standing, ConsentScope.COLLECTION)
    else:
        is_granted = said is ConsentDecision.GRANTED
    if not is_granted:
        raise CollectionNotGrantedError(field="decisions")


def _row(
    child: Child, decider: Decider, decided: tuple[ConsentScope, ConsentDecision], now: datetime
) -> Consent:
    scope, decision = decided
    return Consent(
        district_id=child.tenant.value,
        school_id=child.school_id,
        id=new_id(),
        student_id=child.student_id,
        scope=scope,
        decision=decision,
        basis=decider.basis,
        notice_version=current_version(),
        method=decider.method,
        decided_by=None if decider.actor is None else decider.actor.user_id,
        decided_at=now,
    )


async def _audit(session: AsyncSession, decider: Decider, row: Consent) -> None:
    await record_audit(
        session,
        decider.actor,
        f"consent_{row.decision.value}",
        ("consent", row.id),
        now=row.decided_at,
        school_id=row.school_id,
        subject_id=row.student_id,
        details={"scope": row.scope, "basis": row.basis, "notice_version": row.notice_version},
    )


async def settle_account(session: AsyncSession, student: User, standing: Standing, *, now: datetime) -> None:
    """Close the account when the collection is refused, open it when it is granted again.

    The sessions end first: the trigger on `users` would end them unseen by the sockets and caches.
    """
    collection = standing.get(ConsentScope.COLLECTION)
    if collection is None or student.status is UserStatus.DISABLED:
        return
    if collection.decision is ConsentDecision.GRANTED:
        student.status = UserStatus.ACTIVE
    elif student.status is UserStatus.ACTIVE:
        await end_sessions(session, student.id, now=now)
        student.status = UserStatus.AWAITING_CONSENT
    await session.flush()


def scope_states(standing: Standing) -> list[ScopeState]:
    """Every scope with the decision that counts."""
    return [
        ScopeState(scope=scope) if scope not in standing else ScopeState.model_validate(standing[scope])
        for scope in ConsentScope
    ]


_PLAIN = {
    ConsentScope.COLLECTION: "Collection",
    ConsentScope.AI_PROCESSING: "Automatic feedback",
    ConsentScope.THIRD_PARTY_DISCLOSURE: "Disclosure to third parties",
}


def in_words(rows: Sequence[Consent]) -> str:
    """Decisions as lines of a mail."""
    return "\n".join(f"{_PLAIN[row.scope]}: {row.decision.value}" for row in rows)
