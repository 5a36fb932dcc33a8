"""Asking for files, finding them again, and handing them out; the files themselves are made by `tasks`."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.exports import queries
from api.exports.errors import ExportKeysMissingError, ExportNotOfferedError, ExportNotReadyError
from api.exports.schemas import BUNDLE, ExportCreate, ExportOut, ExportStarted
from api.exports.tasks import EXPORT_KIND, write_export
from api.gradebook.spreadsheets import harmless
from api.jobs.service import create_job
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.config import Settings
from core.errors import NotFoundError
from core.ids import new_id
from core.jobs import enqueue
from core.models import DataExport, ExportFormat, ExportProfile, ExportState
from core.tenancy import Actor
from warehouse.catalog import MARTS
from warehouse.exports import DATASETS, NAMED, Profile
from warehouse.folder import DistrictFolder, open_warehouse
from warehouse.pseudonyms import Pseudonyms

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "parquet": "application/vnd.apache.parquet",
}
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way out, and the students it names."""

    name: str
    media_type: str
    chunks: Iterator[bytes]
    students: list[UUID]


async def request_export(
    session: AsyncSession, actor: Actor, body: ExportCreate, *, now: datetime
) -> ExportStarted:
    """Enqueue a file. Raises NotFoundError for a class that is not theirs, and ExportNotOfferedError."""
    profile = body.profile or (ExportProfile.NAMED if actor.is_teacher else ExportProfile.RECORD)
    _require_offered(actor, body, profile)
    if body.class_id is not None:
        found = await session.scalar(queries.exported_classes(actor, body.class_id))
        if found is None:
            raise NotFoundError
    export_id = new_id()
    job_id = await create_job(session, actor, EXPORT_KIND, subject_id=export_id)
    session.add(
        DataExport(
            district_id=actor.district_id,
            school_id=actor.school_id,
            id=export_id,
            requested_by=actor.user_id,
            class_id=body.class_id,
            dataset=body.dataset,
            format=ExportFormat.PARQUET if body.dataset == BUNDLE else body.format,
            profile=profile,
            job_id=job_id,
        )
    )
    told = {"dataset": body.dataset, "profile": profile.value}
    await record_audit(session, actor, "export_requested", ("export", export_id), now=now, details=told)
    await session.flush()
    await enqueue(session, write_export, export_id=export_id)
    return ExportStarted(job_id=job_id, export_id=export_id)


async def list_exports(
    session: AsyncSession, actor: Actor, page: PageRequest
) -> tuple[list[ExportOut], str | None]:
    """Return what the actor asked for, the newest first."""
    rows, cursor = await fetch_page(
        session, queries.own_exports(actor), DataExport.id, page, newest_first=True
    )
    return [ExportOut.model_validate(row) for row in rows], cursor


async def read_export(session: AsyncSession, actor: Actor, export_id: UUID) -> DataExport:
    """Return one of the actor's exports. Raises NotFoundError."""
    export: DataExport | None = await session.scalar(queries.own_export(actor, export_id))
    if export is None:
        raise NotFoundError
    return export


async def download(
    session: AsyncSession, actor: Actor, export_id: UUID, *, settings: Settings, now: datetime
) -> Download:
    """Open a finished file and write down who took it. Raises NotFoundError and ExportNotReadyError."""
    export = await read_export(session, actor, export_id)
    is_over = export.expires_at is not None and export.expires_at <= now
    if export.state is not ExportState.DONE or export.storage_key is None or is_over:
        raise ExportNotReadyError
    folder = open_warehouse(settings.storage_url, settings.warehouse_cache_path).district(actor.tenant)
    chunks = _chunks(folder, export.storage_key)
    students: list[UUID] = []
    if export.profile is ExportProfile.NAMED:
        students = list(await session.scalars(queries.exported_students(actor, export.class_id)))
    told = {"dataset": export.dataset, "profile": export.profile.value, "rows": export.row_count}
    await record_audit(session, actor, "export_downloaded", ("export", export_id), now=now, details=told)
    suffix = export.storage_key.rpartition(".")[2]
    name = export.file_name or f"{export.dataset}.{suffix}"
    return Download(name, MEDIA_TYPES[suffix], chunks, students)


async def read_student_keys(session: AsyncSession, actor: Actor, *, now: datetime) -> tuple[str, list[UUID]]:
    """Return as CSV which student stands behind which key, and who is in it. Raises ExportKeysMissingError.

    Nothing of it is kept as a file: the keys are computed from the district's secret each time.
    """
    secret = await session.scalar(queries.export_secret(actor))
    if secret is None:
        raise ExportKeysMissingError
    pseudonyms = Pseudonyms(secret)
    students = (await session.execute(queries.overseen_students(actor))).tuples().all()
    text = io.StringIO(newline="")
    text.write("\ufeff")
    lines = csv.writer(text)
    lines.writerow(["student_key", "student_id", "student_name"])
    lines.writerows(
        (pseudonyms.key("person", str(student_id)), student_id, harmless(name))
        for student_id, name in students
    )
    told = {"students": len(students)}
    await record_audit(
        session, actor, "export_keys_taken", ("district", actor.district_id), now=now, details=told
    )
    return text.getvalue(), [student_id for student_id, _ in students]


def _require_offered(actor: Actor, body: ExportCreate, profile: ExportProfile) -> None:
    """Say no to what a role is not offered. Raises ExportNotOfferedError."""
    if actor.is_teacher:
        is_offered = profile is ExportProfile.NAMED and body.dataset in NAMED
    elif profile is ExportProfile.NAMED:
        is_offered = False
    elif body.dataset == BUNDLE:
        is_offered = actor.school_id is None and body.class_id is None
    else:
        is_offered = _is_offered_to_admins(actor, body, profile)
    if not is_offered:
        raise ExportNotOfferedError


def _is_offered_to_admins(actor: Actor, body: ExportCreate, profile: ExportProfile) -> bool:
    dataset = DATASETS[Profile(profile)].get(body.dataset)
    if dataset is None:
        return False
    if actor.school_id is not None and "school_id" not in dataset.schema:
        return False  # the district as a whole is for its own administrators
    if body.class_id is None:
        return True
    return profile is ExportProfile.RECORD and "class_id" in MARTS[body.dataset].schema


def _chunks(folder: DistrictFolder, key: str) -> Iterator[bytes]:
    """Read a file piece by piece. Raises ExportNotReadyError at once when it is gone."""
    path = folder.storage.local_path(folder.key(key))
    if path is None:
        stored = folder.read(key)
        if stored is None:
            raise ExportNotReadyError
        return iter([stored.content])
    if not path.is_file():
        raise ExportNotReadyError
    handle = path.open("rb")

    def pieces() -> Iterator[bytes]:
        with handle:
            while piece := handle.read(_CHUNK):
                yield piece

    return pieces()
