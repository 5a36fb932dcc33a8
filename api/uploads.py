"""Files from outside: as the body itself, or as the part `file` of a form. `api.middleware` limits their size."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile

from core.errors import AppError, InvalidInputError

FORM = "multipart/form-data"


class UnsupportedFileError(AppError):
    """Send the file as the body with its media type, or as the part `file` of a form."""

    status = 415
    code = "unsupported_media_type"


class MissingFileError(InvalidInputError):
    """The form holds no file under the name `file`."""

    code = "missing_file"


@dataclass(frozen=True, slots=True)
class Upload:
    """What arrived: looked at only when it is known that the sender may."""

    content: bytes
    fault: AppError | None = None

    def read(self) -> bytes:
        """Return the file. Raises UnsupportedFileError for another type, MissingFileError for a form without it."""
        if self.fault is not None:
            raise self.fault
        return self.content


def upload_of(*media_types: str) -> Callable[[Request], Awaitable[Upload]]:
    """Return a dependency that receives one file: `Annotated[Upload, Depends(upload_of("text/csv"))]`."""

    async def receive_upload(request: Request) -> Upload:
        media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        content = await request.body()  # first: what reads it after the form would find nothing
        if media_type == FORM:
            return await _file_of_form(request)
        return Upload(content, None if media_type in media_types else UnsupportedFileError())

    return receive_upload


async def _file_of_form(request: Request) -> Upload:
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                return Upload(await file.read())
    except FormParserError:
        return Upload(b"", MissingFileError("The form is damaged.", field="file"))
    return Upload(b"", MissingFileError(field="file"))


def file_body(*media_types: str, example: str) -> dict[str, Any]:
    """Describe the file in the document: `openapi_extra=file_body("text/csv", example="…")`."""
    file = {"type": "string", "examples": [example]}
    form = {"type": "object", "required": ["file"], "properties": {"file": {**file, "format": "binary"}}}
    plain = {media_type: {"schema": file} for media_type in media_types}
    return {"requestBody": {"required": True, "content": {**plain, FORM: {"schema": form}}}}
