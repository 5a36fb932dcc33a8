"""What must not show whether an address is known: the door writes it down, known or not, and a job answers.

So both cost the same statements and the same answer; only the mailbox knows the difference.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.registration import queries
from api.registration.tasks import answer_address_request
from core.ids import new_id
from core.jobs import enqueue_at_the_door
from core.keys import KeyRing


class Kind(StrEnum):
    REGISTER = "register"
    VERIFY = "verify"
    RESET = "reset"
    FAILED_SIGN_IN = "failed_sign_in"


async def put_address_request(
    session: AsyncSession, keys: KeyRing, kind: Kind, email: str, *, newcomer_id: UUID | None = None
) -> None:
    """Leave a request about an address in the caller's transaction, with or without a tenant.

    `newcomer_id` is the person a registration made, if the address was new.
    """
    request_id = new_id()
    row = {"id": request_id, "kind": kind, "email_index": keys.email_index(email)}
    await session.execute(queries.PUT_ADDRESS_REQUEST, row)
    newcomer = {} if newcomer_id is None else {"newcomer_id": newcomer_id}
    await enqueue_at_the_door(session, answer_address_request, request_id=request_id, **newcomer)
