"""Files of their owners, those whose bytes are due to go, and the keys that are accounted for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import defer

from core.models import FileStatus, UploadedFile
from core.tenancy import Actor, TenantContext

ENDED = (FileStatus.READY, FileStatus.REJECTED)


def own_files(actor: Actor) -> Select[tuple[UploadedFile]]:
    """What somebody sent and did not take back, without the texts: a list would carry megabytes."""
    return _own(actor).options(defer(UploadedFile.extraction, raiseload=True))


def own_file(actor: Actor, file_id: UUID) -> Select[tuple[UploadedFile]]:
    return _own(actor).where(UploadedFile.id == file_id)


def own_files_named(actor: Actor, file_ids: Sequence[UUID]) -> Select[tuple[UploadedFile]]:
    """These files with their texts; at most as many as were asked for."""
    return _own(actor).where(UploadedFile.id.in_(file_ids))


def same_content(actor: Actor, sha256: str) -> Select[tuple[UploadedFile]]:
    """The file that held the same bytes when it was sent before; at most one, by a unique index."""
    return own_files(actor).where(UploadedFile.sha256 == sha256)


def bytes_sent_since(actor: Actor, moment: datetime) -> Select[tuple[int]]:
    """How much somebody sent since a moment, with what they took back."""
    return select(func.coalesce(func.sum(UploadedFile.byte_count), 0)).where(
        UploadedFile.district_id == actor.district_id,
        UploadedFile.owner_id == actor.user_id,
        UploadedFile.uploaded_at > moment,
    )


def _own(actor: Actor) -> Select[tuple[UploadedFile]]:
    return select(UploadedFile).where(
        UploadedFile.district_id == actor.district_id,
        UploadedFile.school_id == actor.school_id,
        UploadedFile.owner_id == actor.user_id,
        UploadedFile.deleted_at.is_(None),
    )


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
