"""Answers to requests about addresses: the only place that learns whether an address is known."""

from uuid import UUID

from api.registration import answers, queries
from core.jobs import RETRIES, Workplace, job_app
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId


@job_app.task(name="registration.answer_address_request", queue="mail", retry=RETRIES)
async def answer_address_request(request_id: str, newcomer_id: str | None = None) -> None:
    """Mail or note what a request about an address asks for; nobody's address is answered by nothing."""
    work, wanted = Workplace.get(), {"id": UUID(request_id)}
    async with work.database.auth_session() as session:
        found = (await session.execute(queries.FIND_ADDRESS_REQUEST, wanted)).one()
        if found.user_id is None:
            await session.execute(queries.DELETE_ADDRESS_REQUEST, wanted)
            return
    tenant = TenantId.from_auth_function(found.district_id)
    async with work.database.tenant_transaction(TenantContext(tenant, DISTRICT_SCOPE)) as session:
        user = await session.scalar(queries.person(tenant, found.user_id))
        is_mine = await session.scalar(queries.DELETE_ADDRESS_REQUEST, wanted)
        if user is None or not is_mine:
            return  # has left since; or another worker was quicker
        desk = answers.AnswerDesk(
            session, work, user, is_verified=found.email_verified_at is not None, newcomer_id=newcomer_id
        )
        await answers.ANSWERS[found.kind](desk)
