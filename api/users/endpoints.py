from typing import Annotated

from fastapi import APIRouter

from api.deps import Db, allowed
from api.envelope import Envelope, ok
from api.users import queries
from api.users.schemas import Profile
from core.errors import NotFoundError
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/me")
async def read_own_profile(
    actor: Annotated[Actor, allowed(Permission.PROFILE_READ)], db: Db
) -> Envelope[Profile]:
    """Who you are."""
    user = await db.scalar(queries.own_profile(actor))
    if user is None:
        raise NotFoundError
    return ok(Profile.model_validate(user))
