import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Db, Keys, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, ok
from api.idempotency import Idempotent
from api.rate_limits import Bucket
from api.rosters import service
from api.rosters.errors import RosterTooLargeError
from api.rosters.exports import export_roster
from api.rosters.presence import ImportDesk
from api.rosters.reading import read_oneroster
from api.rosters.roster import Version
from api.rosters.schemas import RosterImportOut
from api.uploads import Upload, file_body, upload_of
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/classes/rosters", tags=["classes"])

Importer = Annotated[Actor, allowed(Permission.ROSTER_IMPORT)]
Exporter = Annotated[Actor, allowed(Permission.ROSTER_EXPORT, Bucket.EXPORT)]
Shown = Annotated[Disclosure, discloses(Record.ROSTER, Permission.ROSTER_EXPORT)]
Archive = Annotated[Upload, Depends(upload_of("application/zip"))]

LARGEST_ARCHIVE = 20 * 1024 * 1024


@router.post(
    "/oneroster",
    status_code=202,
    responses={200: {"model": Envelope[RosterImportOut], "description": "A rehearsal's report"}},
    openapi_extra=file_body("application/zip", example="oneroster.zip"),
)
async def import_oneroster(
    *,
    actor: Importer,
    upload: Archive,
    db: Db,
    once: Idempotent,
    keys: Keys,
    now: Now,
    response: Response,
    dry_run: Annotated[bool, Query(description="Only report")] = False,
    max_deactivation_percent: Annotated[int, Query(ge=0, le=100)] = 10,
) -> Envelope[RosterImportOut]:
    """Take over people, classes and places from a student information system, known again by their `sourcedId`.

    The answer reports what each line will become; the work follows in the background. A rehearsal answers 200.
    """
    packed = upload.read()
    if len(packed) > LARGEST_ARCHIVE:
        raise RosterTooLargeError(field="file")
    roster = await asyncio.to_thread(read_oneroster, packed)
    desk = ImportDesk(db, keys, actor.user_id, now)
    if dry_run:
        response.status_code = 200
        return ok(await service.rehearse_import(desk, roster))
    delivery = service.Delivery(packed, roster, max_deactivation_percent)
    return ok(await once.run(RosterImportOut, lambda: service.request_import(desk, actor, delivery)))


@router.get(
    "/oneroster",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The archive"}},
)
async def export_oneroster(
    actor: Exporter, db: Db, shown: Shown, version: Annotated[Version, Query()] = Version.V1_1
) -> Response:
    """Hand out people, classes, places, assignments and grades as OneRoster CSV, zipped."""
    packed, students = await export_roster(db, actor, version)
    shown.of(students)
    headers = {"Content-Disposition": f'attachment; filename="oneroster-{version.value}.zip"'}
    return Response(packed, media_type="application/zip", headers=headers)
