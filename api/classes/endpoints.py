"""Classes, their codes, and who is in them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from api.classes import decisions, enrollments, roster, service
from api.classes.code_guesses import Guesses
from api.classes.errors import InvalidClassCodeError
from api.classes.roster import RosterDesk
from api.classes.roster_import import import_class_list
from api.classes.roster_schemas import RosterAddition, RosterEntry, RosterReport
from api.classes.schemas import (
    BulkDecisions,
    ClassCodeAnswer,
    ClassCodeRotate,
    ClassCreate,
    ClassOut,
    ClassUpdate,
    DecisionResults,
    EnrollmentChangeOut,
    EnrollmentDecision,
    EnrollmentOut,
    JoinRequest,
    RosterEnrollment,
    SchoolYear,
)
from api.deps import AppSettings, Db, Keys, Now, allowed, consented
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from api.rate_limits import Bucket
from api.registration.mailboxes import Mailboxes
from api.schemas import Line
from api.uploads import Upload, file_body, upload_of
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

CSV = "text/csv"
CLASS_LIST = "email,name,grade_level\nada@school.example,Ada Lovelace,9\n"
ClassList = Annotated[Upload, Depends(upload_of(CSV))]
Importer = Annotated[Actor, allowed(Permission.ENROLLMENT_MANAGE, Bucket.EXPORT)]


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
async def list_classes(
    actor: Reader,
    db: Db,
    page: Paging,
    school_year: Annotated[SchoolYear | None, Query()] = None,
    subject: Annotated[Line | None, Query()] = None,
) -> Envelope[Page[ClassOut]]:
    """List your classes (students: approved ones), oldest first."""
    items, cursor = await service.list_classes(db, actor, page, school_year=school_year, subject=subject)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/codes/{code}")
async def check_code(
    code: str, actor: Joiner, db: Db, guesses: Guesses, now: Now
) -> Envelope[ClassCodeAnswer]:
    """Say whether a code of your school is valid, and the name of its class; nothing else."""
    try:
        async with guesses.attempt(actor, now):
            school_class = await enrollments.class_of_code(db, actor, code, now=now)
    except InvalidClassCodeError:
        return ok(ClassCodeAnswer(valid=False))
    return ok(ClassCodeAnswer(valid=True, class_name=school_class.name))


@router.post("/join", status_code=201, dependencies=[consented(ConsentScope.COLLECTION)])
async def join_class(
    body: JoinRequest, actor: Joiner, db: Db, once: Idempotent, guesses: Guesses, now: Now
) -> Envelope[EnrollmentOut]:
    """Ask for a place with a class code; the teacher decides."""

    async def join() -> EnrollmentOut:
        return EnrollmentOut.model_validate(await enrollments.join_by_code(db, actor, body.code, now=now))

    async with guesses.attempt(actor, now):
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
    days = settings.class_code_days

    async def rotate() -> ClassOut:
        return await service.rotate_code(db, actor, class_id, body, now=now, code_days=days)

    return ok(await once.run(ClassOut, rotate))


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


@router.get("/{class_id}/enrollments/{enrollment_id}/history")
async def list_enrollment_history(
    class_id: UUID, enrollment_id: UUID, actor: RosterReader, db: Db, page: Paging, shown: Shown
) -> Envelope[Page[EnrollmentChangeOut]]:
    """List what became of a place, oldest first."""
    student_id, items, cursor = await enrollments.list_history(db, actor, (class_id, enrollment_id), page)
    shown.of([student_id])
    return ok(Page(items=items, next_cursor=cursor))


@router.post("/{class_id}/roster")
async def add_to_roster(
    *,
    class_id: UUID,
    body: RosterEntry,
    actor: Decider,
    db: Db,
    keys: Keys,
    mailboxes: Mailboxes,
    once: Idempotent,
    shown: DecisionShown,
    now: Now,
) -> Envelope[RosterAddition]:
    """Give a student of the school a place at once, or invite an unknown address by mail with the class code."""
    desk = RosterDesk(db, keys, actor, now)
    await mailboxes.count(body.email)
    added = await once.run(RosterAddition, lambda: roster.add_student(desk, class_id, body))
    shown.of([] if added.student_id is None else [added.student_id])
    return ok(added)


@router.post("/{class_id}/roster/import", openapi_extra=file_body(CSV, example=CLASS_LIST))
async def import_roster(
    *,
    class_id: UUID,
    actor: Importer,
    db: Db,
    keys: Keys,
    file: ClassList,
    once: Idempotent,
    shown: DecisionShown,
    now: Now,
    dry_run: Annotated[bool, Query()] = False,
) -> Envelope[RosterReport]:
    """Put a class list into the class: UTF-8 CSV with columns `email`, `name`, `grade_level`, `sourced_id`.

    At most 500 rows, one of `email` and `sourced_id` needed. Students of the school get a place at once, unknown
    addresses a mail with the class code; rows with mistakes are reported and left out. `dry_run` only reports.
    """
    desk = RosterDesk(db, keys, actor, now)

    async def import_list() -> RosterReport:
        return await import_class_list(desk, class_id, file, dry_run=dry_run)

    report = await once.run(RosterReport, import_list)
    shown.of(row.student_id for row in report.rows if row.student_id is not None)
    return ok(report)


@router.delete("/{class_id}/roster/{student_id}")
async def remove_from_roster(
    *,
    class_id: UUID,
    student_id: UUID,
    actor: Decider,
    db: Db,
    keys: Keys,
    shown: DecisionShown,
    now: Now,
) -> Envelope[EnrollmentOut]:
    """End a student's access to the class at once; their work is kept, and they can be added again."""
    place = await roster.remove_student(RosterDesk(db, keys, actor, now), class_id, student_id)
    shown.of([student_id])
    return ok(EnrollmentOut.model_validate(place))


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
    place = await decisions.decide(db, actor, (class_id, enrollment_id), body.status, now=now)
    shown.of([place.student_id])
    return ok(EnrollmentOut.model_validate(place))


@router.post("/{class_id}/enrollments/decide")
async def decide_enrollments(
    class_id: UUID,
    body: BulkDecisions,
    actor: Decider,
    db: Db,
    once: Idempotent,
    shown: DecisionShown,
    now: Now,
) -> Envelope[DecisionResults]:
    """Approve or reject many places with one call; each says what became of it, and the students are told."""

    async def decide() -> DecisionResults:
        results = await decisions.decide_many(db, actor, class_id, body.decisions, now=now)
        return DecisionResults(results=results)

    decided = await once.run(DecisionResults, decide)
    shown.of(result.student_id for result in decided.results if result.student_id is not None)
    return ok(decided)
