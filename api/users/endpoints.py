"""People: oneself, those in one's reach, and who read a student's record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.paging import Paging
from api.schemas import SearchText
from api.users import disclosures, profile, search
from api.users.schemas import DisclosureOut, Profile, ProfileUpdate, UserOut
from core.models import UserStatus
from core.permissions import Permission
from core.tenancy import Actor, Role

router = APIRouter(prefix="/users", tags=["users"])

ProfileReader = Annotated[Actor, allowed(Permission.PROFILE_READ)]
ProfileWriter = Annotated[Actor, allowed(Permission.PROFILE_WRITE)]
Searcher = Annotated[Actor, allowed(Permission.USER_SEARCH)]
Reader = Annotated[Actor, allowed(Permission.USER_READ)]
DisclosureReader = Annotated[Actor, allowed(Permission.DISCLOSURE_READ)]
Found = Annotated[Disclosure, discloses(Record.PROFILE, Permission.USER_SEARCH)]
Shown = Annotated[Disclosure, discloses(Record.PROFILE, Permission.USER_READ)]
DisclosuresShown = Annotated[Disclosure, discloses(Record.DISCLOSURES, Permission.DISCLOSURE_READ)]


@router.get("/me")
async def read_own_profile(actor: ProfileReader, db: Db) -> Envelope[Profile]:
    """Who you are."""
    return ok(await profile.read_profile(db, actor))


@router.patch("/me")
async def update_own_profile(
    body: ProfileUpdate, actor: ProfileWriter, db: Db, now: Now
) -> Envelope[Profile]:
    """Change your name. Address, role, school and grade level are not yours to change."""
    return ok(await profile.update_profile(db, actor, body, now=now))


@router.get("")
async def list_users(
    actor: Searcher,
    db: Db,
    page: Paging,
    shown: Found,
    query: Annotated[SearchText, Query(examples=["zoe mull"])] = "",
    role: Annotated[Role | None, Query()] = None,
    status: Annotated[UserStatus | None, Query()] = None,
) -> Envelope[Page[UserOut]]:
    """Find people by how their names or addresses begin.

    A teacher finds the students of own classes, an admin everybody in the school or district. Upper case and
    accents do not matter; of several words all must match.
    """
    items, cursor = await search.find_people(db, actor, search.Wanted(query, role, status), page)
    shown.of(item.id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{user_id}")
async def read_user(user_id: UUID, actor: Reader, db: Db, shown: Shown) -> Envelope[UserOut]:
    """Read the record of yourself or of somebody in your reach."""
    user = await search.find_person(db, actor, user_id)
    shown.of([user.id])
    return ok(user)


@router.get("/{student_id}/disclosures")
async def list_disclosures(
    student_id: UUID, actor: DisclosureReader, db: Db, page: Paging, shown: DisclosuresShown
) -> Envelope[Page[DisclosureOut]]:
    """List who read a student's record, what, when and why; newest first."""
    items, cursor = await disclosures.list_disclosures(db, actor, student_id, page)
    shown.of([student_id])
    return ok(Page(items=items, next_cursor=cursor))
