"""What a guardian does with the link of the notice: read, decide, and change one's mind later."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.sessions import SignInDesk
from api.consents import queries
from api.consents.decisions import (
    GUARDIAN,
    Child,
    Wanted,
    in_words,
    record_decisions,
    scope_states,
    settle_account,
)
from api.consents.errors import CollectionUndecidedError
from api.consents.notice import current_version, notice_text
from api.consents.requests import guardian_address, void_links
from api.consents.schemas import ConsentAnswer, ConsentNotice
from api.mails.errors import InvalidLinkError
from api.mails.service import Mail, send_mail
from api.mails.tokens import Purpose, TokenOwner, create_token, find_token, token_digest
from core.consents import Standing, grants, standing_consents
from core.models import Consent, ConsentRequest, ConsentRequestStatus, ConsentScope, User

LINK_LIFE = timedelta(days=13 * 366)
"""The link is good while there is something to take back: longer than anybody is under 13."""


@dataclass(frozen=True)
class Case:
    """A guardian's link, the request it is about, and the account that came of it, if any."""

    desk: SignInDesk
    session: AsyncSession
    token: str
    owner: TokenOwner
    request: ConsentRequest
    school: str
    student: User | None

    @property
    def child(self) -> Child:
        return Child(self.owner.tenant, self.request.school_id, self.request.id)

    @property
    def child_name(self) -> str:
        return self.request.child_name or (self.student.name if self.student else "")

    async def standing(self) -> Standing:
        return await standing_consents(self.session, self.owner.tenant, self.request.id)


async def read_notice(desk: SignInDesk, token: str) -> ConsentNotice:
    """Return the notice and what counts now. Raises InvalidLinkError."""
    owner = await find_token(desk.database, Purpose.CONSENT, token, now=desk.now)
    async with desk.database.tenant_transaction(owner.context) as session:
        case = await _open_case(desk, session, token, owner)
        version, days = current_version(), desk.settings.consent_days
        return ConsentNotice(
            child_name=case.child_name,
            school_name=case.school,
            notice_version=version,
            notice=notice_text(version, child=case.child_name, school=case.school, days=days),
            status=case.request.status,
            answer_by=None if case.student else case.request.expires_at,
            scopes=scope_states(await case.standing()),
        )


async def answer(desk: SignInDesk, token: str, wanted: Wanted) -> ConsentAnswer:
    """Write a guardian's decisions down and act on them; every change is confirmed by mail.

    Raises InvalidLinkError, CollectionUndecidedError or CollectionNotGrantedError.
    """
    owner = await find_token(desk.database, Purpose.CONSENT, token, now=desk.now)
    async with desk.database.tenant_transaction(owner.context) as session:
        case = await _open_case(desk, session, token, owner)
        if case.request.status is ConsentRequestStatus.WAITING and ConsentScope.COLLECTION not in wanted:
            raise CollectionUndecidedError(field="decisions")
        changes = await record_decisions(session, case.child, GUARDIAN, wanted, now=desk.now)
        standing = await case.standing()
        if case.student is not None:
            await settle_account(session, case.student, standing, now=desk.now)
            return await _answered(case, changes, standing)
        if grants(standing, ConsentScope.COLLECTION):
            return await _answered(case, changes, standing, await _invite_child(case))
        return await _delete_request(case, changes, standing)


async def _open_case(desk: SignInDesk, session: AsyncSession, token: str, owner: TokenOwner) -> Case:
    """Find and lock the request, then the account: two answers at once come one after the other."""
    statement = queries.request_with_school(owner.tenant, owner.user_id)
    found = (await session.execute(statement.with_for_update(of=ConsentRequest))).one_or_none()
    if found is None:
        raise InvalidLinkError
    request, school = found
    student = await session.scalar(queries.child(owner.tenant, request.id))
    if student is None and request.status is ConsentRequestStatus.COMPLETED:
        raise InvalidLinkError  # the student has been removed since
    return Case(desk, session, token, owner, request, school, student)


async def _invite_child(case: Case) -> str:
    """Let the child finish within the time a guardian had; returns the token for it. Older ones are void."""
    desk, life = case.desk, timedelta(days=case.desk.settings.consent_days)
    case.request.status = ConsentRequestStatus.GRANTED
    case.request.expires_at = desk.now + life
    extension = {
        "token_hash": token_digest(case.token),
        "purpose": Purpose.CONSENT,
        "expires_at": desk.now + LINK_LIFE,
    }
    await case.session.execute(queries.EXTEND_LINK, extension)
    return await create_token(case.session, Purpose.COMPLETE, case.request.id, now=desk.now, life=life)


async def _answered(
    case: Case, changes: list[Consent], standing: Standing, registration_token: str | None = None
) -> ConsentAnswer:
    if changes or registration_token:
        content = {"link": case.token, "registration_token": registration_token or ""}
        await _confirm(case, "consent_changed", {**content, "decisions": in_words([*standing.values()])})
    return ConsentAnswer(
        status=case.request.status, scopes=scope_states(standing), registration_token=registration_token
    )


async def _delete_request(case: Case, changes: list[Consent], standing: Standing) -> ConsentAnswer:
    """No to the collection: what we kept to be able to ask is gone. The decision stays, without a name."""
    await _confirm(case, "consent_refused", {"decisions": in_words(changes)})
    await case.session.delete(case.request)
    await void_links(case.session, case.request.id, now=case.desk.now)
    return ConsentAnswer(status="deleted", scopes=scope_states(standing))


async def _confirm(case: Case, template: str, content: dict[str, str]) -> None:
    address = guardian_address(case.desk.keys.columns, case.request)
    named = {"child": case.child_name, "school": case.school, **content}
    await send_mail(case.session, case.desk.keys, Mail(template, address, named, case.request.school_id))
