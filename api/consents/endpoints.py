"""Consent: a guardian with a mailed link, a child who finishes, a school that decides for its students."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.auth.endpoints import Desk
from api.consents import completion, guardian, school
from api.consents.schemas import ChildRegistration, ConsentAnswer, ConsentNotice, Decisions, StudentConsents
from api.deps import Db, Now, allowed, public
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, ok
from api.rate_limits import Bucket
from api.registration.schemas import Accepted
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(tags=["consents"])

Link = Annotated[str, Path(max_length=200, description="From the link in the guardian's mail")]
Reader = Annotated[Actor, allowed(Permission.CONSENT_READ)]
SchoolAgent = Annotated[Actor, allowed(Permission.CONSENT_MANAGE)]
Shown = Annotated[Disclosure, discloses(Record.CONSENTS, Permission.CONSENT_READ)]
ShownToAgent = Annotated[Disclosure, discloses(Record.CONSENTS, Permission.CONSENT_MANAGE)]


@router.get("/auth/consents/{token}", dependencies=[public(Bucket.REGISTRATION)])
async def read_notice(token: Link, desk: Desk) -> Envelope[ConsentNotice]:
    """Read, as a guardian, what we ask for and what you have decided so far."""
    return ok(await guardian.read_notice(desk, token))


@router.post("/auth/consents/{token}", dependencies=[public(Bucket.REGISTRATION)])
async def answer_notice(token: Link, body: Decisions, desk: Desk) -> Envelope[ConsentAnswer]:
    """Grant or decline, as a guardian, each scope by itself; later change or revoke it the same way."""
    return ok(await guardian.answer(desk, token, body.decisions))


@router.post("/auth/register/child", status_code=202, dependencies=[public(Bucket.REGISTRATION)])
async def register_child(body: ChildRegistration, desk: Desk) -> Envelope[Accepted]:
    """Finish the registration of a child whose guardian has agreed; the place in the class waits for the teacher."""
    await completion.register_child(desk, body)
    return ok(Accepted())


@router.get("/users/{student_id}/consents")
async def read_consents(student_id: UUID, actor: Reader, db: Db, shown: Shown) -> Envelope[StudentConsents]:
    """Read the decisions that count for a student."""
    consents = await school.read_consents(db, actor, student_id)
    shown.of([consents.student_id])
    return ok(consents)


@router.post("/users/{student_id}/consents")
async def decide_for_school(
    student_id: UUID, body: Decisions, actor: SchoolAgent, db: Db, now: Now, shown: ShownToAgent
) -> Envelope[StudentConsents]:
    """Decide for the school, for educational use; what a guardian has decided stays stronger."""
    consents = await school.decide_for_school(db, actor, student_id, body.decisions, now=now)
    shown.of([consents.student_id])
    return ok(consents)
