from typing import Annotated

from fastapi import APIRouter

from api.deps import allowed
from api.envelope import Envelope, ok
from api.permissions.schemas import PermissionOverview
from api.permissions.service import overview_for
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/auth/permissions", tags=["auth"])


@router.get("")
async def read_permissions(
    actor: Annotated[Actor, allowed(Permission.PROFILE_READ)],
) -> Envelope[PermissionOverview]:
    """What your role may do and about whom, and the table for every role."""
    return ok(overview_for(actor.role))
