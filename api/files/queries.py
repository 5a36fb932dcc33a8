"""Files of their owners, those whose bytes are due to go, and the keys that are accounted for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select

from core.models import FileStatus, UploadedFile
from core.tenancy import TenantContext

ENDED = (FileStatus.READY, FileStatus.REJECTED)


def stored_file(context: TenantContext, file_id: UUID) -> Select[tuple[UploadedFile]]:
    """One file, for the worker."""
    return select(UploadedFile).where(
        UploadedFile.district_id == context.tenant.value, UploadedFile.id == file_id
    )


def due_files(context: TenantContext, now: datetime) -> Select[tuple[UploadedFile]]:
    """Files whose bytes nobody needs any more, or whose day is over."""
    return (
        select(UploadedFile)
        .where(
            UploadedFile.district_id == context.tenant.value,
            UploadedFile.object_key.is_not(None),
            or_(
                UploadedFile.delete_by <= now,
                UploadedFile.status.in_(ENDED),
                UploadedFile.deleted_at.is_not(None),
            ),
        )
        .order_by(UploadedFile.id)
        .limit(500)
    )


def kept_keys(context: TenantContext) -> Select[tuple[str | None]]:
    """Every key a row answers for."""
    return select(UploadedFile.object_key).where(
        UploadedFile.district_id == context.tenant.value, UploadedFile.object_key.is_not(None)
    )
