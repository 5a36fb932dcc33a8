"""Files: sent, scanned, read, and gone again; what was read in them stays until its owner takes it back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import AppSettings, Db, Now, Pools, allowed
from api.envelope import Envelope, Page, ok
from api.files import service
from api.files.objects import storage_of
from api.files.places import UploadPlaces
from api.files.receiving import Received, received_file
from api.files.schemas import FileDetail, FileOut
from api.paging import Paging
from api.rate_limits import Bucket
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/files", tags=["files"])

Sender = Annotated[Actor, allowed(Permission.FILE_MANAGE, Bucket.UPLOAD)]
Owner = Annotated[Actor, allowed(Permission.FILE_MANAGE)]


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that has arrived, and who sent it."""

    by: Actor
    file: Received


async def receive(request: Request, actor: Sender) -> AsyncIterator[Sent]:
    """Receive the form's file from somebody who may send one; it is gone when the request has ended."""
    places: UploadPlaces = request.app.state.upload_places
    with places.taken_by(actor):
        async with received_file(request) as received:
            yield Sent(actor, received)


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "examples": ["chapter.pdf"]}
                    },
                }
            }
        },
    }
}


_SENT_BEFORE: dict[int | str, dict[str, Any]] = {
    200: {"model": Envelope[FileOut], "description": "The same content was sent before"}
}


@router.post("", status_code=202, openapi_extra=_BODY, responses=_SENT_BEFORE)
async def send_file(
    *,
    sent: Annotated[Sent, Depends(receive)],
    database: Pools,
    settings: AppSettings,
    now: Now,
    response: Response,
) -> Envelope[FileOut]:
    """Send a PDF, a Word document, a picture or a text of at most 10 MB, as the part `file` of a form.

    It is scanned and read in the background: follow `job_id`. The same content again answers 200 with the file it
    became.
    """
    file, is_new = await service.take_in(database, sent.by, sent.file, settings=settings, now=now)
    response.status_code = 202 if is_new else 200
    return ok(file)


@router.get("")
async def list_files(actor: Owner, db: Db, page: Paging) -> Envelope[Page[FileOut]]:
    """The files you sent, the newest first."""
    items, cursor = await service.list_files(db, actor, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{file_id}")
async def read_file(file_id: UUID, actor: Owner, db: Db) -> Envelope[FileDetail]:
    """How far a file is, and what was read in it."""
    return ok(await service.read_own_file(db, actor, file_id))


@router.delete("/{file_id}")
async def take_file_back(
    *, file_id: UUID, actor: Owner, db: Db, settings: AppSettings, now: Now
) -> Envelope[FileOut]:
    """Remove a file and its text; curricula and questions made of it stay."""
    return ok(await service.take_back(db, storage_of(settings), actor, file_id, now=now))
