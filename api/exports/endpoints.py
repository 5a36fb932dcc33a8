"""Files of the marts: asked for, made in the background, downloaded by whoever asked, removed after a week."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.deps import AppSettings, Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.exports import service
from api.exports.schemas import ExportCreate, ExportOut, ExportStarted
from api.exports.service import MEDIA_TYPES
from api.idempotency import Idempotent
from api.paging import Paging
from api.rate_limits import Bucket
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/analytics/exports", tags=["analytics"])

Asker = Annotated[Actor, allowed(Permission.EXPORT_CREATE, Bucket.EXPORT)]
Reader = Annotated[Actor, allowed(Permission.EXPORT_READ)]
KeyHolder = Annotated[Actor, allowed(Permission.EXPORT_KEYS, Bucket.EXPORT)]
Taken = Annotated[Disclosure, discloses(Record.EXPORT, Permission.EXPORT_READ)]
Resolved = Annotated[Disclosure, discloses(Record.EXPORT_KEY, Permission.EXPORT_KEYS)]


@router.post("", status_code=202)
async def request_export(
    body: ExportCreate, actor: Asker, db: Db, once: Idempotent, now: Now
) -> Envelope[ExportStarted]:
    """Ask for a file: teachers for their own classes with names, administrators under keys or in groups."""
    return ok(await once.run(ExportStarted, lambda: service.request_export(db, actor, body, now=now)))


@router.get("")
async def list_exports(actor: Reader, db: Db, page: Paging) -> Envelope[Page[ExportOut]]:
    """The files you asked for, the newest first."""
    items, cursor = await service.list_exports(db, actor, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get(
    "/student-keys",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "Key, id and name of each student"}},
)
async def read_student_keys(actor: KeyHolder, db: Db, shown: Resolved, now: Now) -> Response:
    """Who stands behind which key. Keep it apart from the bundle: together they are records with names."""
    text, students = await service.read_student_keys(db, actor, now=now)
    shown.of(students)
    headers = {"Content-Disposition": 'attachment; filename="student-keys.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{export_id}")
async def read_export(export_id: UUID, actor: Reader, db: Db) -> Envelope[ExportOut]:
    """How far a file is; when it is done, its checksum and size."""
    return ok(ExportOut.model_validate(await service.read_export(db, actor, export_id)))


@router.get(
    "/{export_id}/file",
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}, "description": "The file"}},
)
async def download_export(
    *, export_id: UUID, actor: Reader, db: Db, shown: Taken, settings: AppSettings, now: Now
) -> StreamingResponse:
    """Download a file you asked for; each download is written down."""
    taken = await service.download(db, actor, export_id, settings=settings, now=now)
    shown.of(taken.students)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(taken.name)}"}
    return StreamingResponse(taken.chunks, media_type=taken.media_type, headers=headers)
