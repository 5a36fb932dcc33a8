"""Classes, their codes, and who is in them."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.classes import enrollments, queries, service
from api.classes.codes import class_code_digest
from api.classes.schemas import (
    ClassCodeAnswer,
    ClassCodeRotate,
    ClassCreate,
    ClassOut,
    ClassUpdate,
    EnrollmentDecision,
    EnrollmentOut,
    JoinRequest,
    RosterEnrollment,
)
from api.deps import AppSettings, Db, Now, allowed, consented
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from core.models import ConsentScope, EnrollmentStatus
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/classes", tags=["classes"])

Creator = Annotated[Actor, allowed(Permission.CLASS_CREATE)]
Reader = Annotated[Actor, allowed(Permission.CLASS_READ)]
Joiner = Annotated[Actor, allowed(Permission.CLASS_JOIN)]
Decider = Annotated[Actor, allowed(Permission.ENROLLMENT_MANAGE)]
RosterReader = Annotated[Actor, allowed(Permission.GRADEBOOK_READ)]
Shown = Annotated[Disclosure, discloses(Record.ENROLLMENT, Permission.GRADEBOOK_READ)]
DecisionShown = Annotated[Disclosure, discloses(Record.ENROLLMENT, Permission.ENROLLMENT_MANAGE)]


@router.post("", status_code=201)
async def create_class(
    body: ClassCreate, actor: Creator, db: Db, once: Idempotent, settings: AppSettings, now: Now
) -> Envelope[ClassOut]:
    """Create a class of your own, with a code for students."""
    days = settings.class_code_days
    return ok(
        await once.run(ClassOut, lambda: service.create_class(db, actor, body, now=now, code_days=days))
    )


@router.get("")
async def list_classes(actor: Reader, db: Db, page: Paging) -> Envelope[Page[ClassOut]]:
    """List your classes (students: approved ones), oldest first."""
    items, cursor = await service.list_classes(db, actor, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/codes/{code}")
async def check_code(code: str, actor: Joiner, db: Db, now: Now) -> Envelope[ClassCodeAnswer]:
    """Say whether a code of your school is valid, and the name of its class; nothing else."""
    lookup = {"code_hash": class_code_digest(code), "now": now}
    found = (await db.execute(queries.FIND_CLASS_CODE, lookup)).one()
    if (found.district_id, found.school_id) != (actor.district_id, actor.school_id):
        return ok(ClassCodeAnswer(valid=False))
    school_class = await db.scalar(queries.class_of(actor.tenant, found.class_id))
    return ok(ClassCodeAnswer(valid=school_class is not None, class_name=school_class and school_class.name))


@router.post("/join", status_code=201, dependencies=[consented(ConsentScope.COLLECTION)])
async def join_class(
    body: JoinRequest, actor: Joiner, db: Db, once: Idempotent, now: Now
) -> Envelope[EnrollmentOut]:
    """Ask for a place with a class code; the teacher decides."""

    async def join() -> EnrollmentOut:
        return EnrollmentOut.model_validate(await enrollments.join_by_code(db, actor, body.code, now=now))

    return ok(await once.run(EnrollmentOut, join))


@router.get("/{class_id}")
async def read_class(class_id: UUID, actor: Reader, db: Db) -> Envelope[ClassOut]:
    """Read one class."""
    return ok(service.present(await service.find_class(db, actor, class_id), actor))


@router.patch("/{class_id}")
async def update_class(class_id: UUID, body: ClassUpdate, actor: Creator, db: Db) -> Envelope[ClassOut]:
    """Change what is given; the rest stays."""
    return ok(await service.update_class(db, actor, class_id, body))


@router.delete("/{class_id}")
async def delete_class(class_id: UUID, actor: Creator, db: Db, now: Now) -> Envelope[ClassOut]:
    """Hide a class; its answers and grades are kept for the school's records."""
    return ok(await service.delete_class(db, actor, class_id, now=now))


@router.post("/{class_id}/code")
async def rotate_code(
    class_id: UUID,
    body: ClassCodeRotate,
    actor: Creator,
    db: Db,
    once: Idempotent,
    settings: AppSettings,
    now: Now,
) -> Envelope[ClassOut]:
    """Replace the class code; the old one stops working at once."""
    expires_at = body.expires_at or now + timedelta(days=settings.class_code_days)
    return ok(
        await once.run(ClassOut, lambda: service.rotate_code(db, actor, class_id, expires_at=expires_at))
    )


@router.get("/{class_id}/enrollments")
async def list_enrollments(
    class_id: UUID,
    actor: RosterReader,
    db: Db,
    page: Paging,
    shown: Shown,
    status: Annotated[EnrollmentStatus | None, Query()] = None,
) -> Envelope[Page[RosterEnrollment]]:
    """List places in a class, oldest first."""
    items, cursor = await enrollments.list_enrollments(db, actor, class_id, status=status, page=page)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{class_id}/roster")
async def list_roster(
    class_id: UUID, actor: RosterReader, db: Db, page: Paging, shown: Shown
) -> Envelope[Page[RosterEnrollment]]:
    """List the approved students of a class."""
    items, cursor = await enrollments.list_enrollments(
        db, actor, class_id, status=EnrollmentStatus.APPROVED, page=page
    )
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.patch("/{class_id}/enrollments/{enrollment_id}")
async def decide_enrollment(
    class_id: UUID,
    enrollment_id: UUID,
    body: EnrollmentDecision,
    actor: Decider,
    db: Db,
    shown: DecisionShown,
    now: Now,
) -> Envelope[EnrollmentOut]:
    """Approve or reject a student's place; the student is told."""
    place = await enrollments.decide(db, actor, (class_id, enrollment_id), body.status, now=now)
    shown.of([place.student_id])
    return ok(EnrollmentOut.model_validate(place))
