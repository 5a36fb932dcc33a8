"""After a day and a quarter of an hour nothing is left, whatever stage a file died in."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.files.objects import new_object_key, stored_keys
from api.files.sweeping import sweep
from core.db import Database
from core.ids import new_id
from core.jobs import job_context
from core.models import FileRemoval, FileStatus, UploadedFile
from core.tenancy import TenantId
from tests.factories.world import DistrictBench
from tests.fixtures.web import StandingClock
from warehouse.storage import LocalStorage


@pytest.mark.parametrize("status", [FileStatus.PENDING, FileStatus.SCANNING, FileStatus.EXTRACTING])
async def test_no_byte_outlives_its_day(
    *,
    bench: DistrictBench,
    rows: Session,
    clock: StandingClock,
    database: Database,
    tmp_path: Path,
    status: FileStatus,
) -> None:
    teacher, now = bench.schools[0].teacher, clock()
    tenant = TenantId.from_command_line(teacher.district_id)
    storage, context = LocalStorage(tmp_path / "store"), job_context(str(tenant))
    kept, orphan = new_object_key(tenant, now), new_object_key(tenant, now)
    for key in (kept, orphan):
        scratch = storage.scratch_file()
        scratch.write_bytes(b"content")
        storage.put(key, scratch)
    file = UploadedFile(
        district_id=teacher.district_id,
        school_id=teacher.school_id,
        id=new_id(),
        owner_id=teacher.id,
        job_id=new_id(),
        name="a.pdf",
        kind="pdf",
        byte_count=7,
        sha256=new_id().hex,
        object_key=kept,
        status=status,
        uploaded_at=now,
        delete_by=now + timedelta(hours=24),
    )
    rows.add(file)
    rows.commit()
    assert await sweep(database, storage, context, now) == 0
    assert await sweep(database, storage, context, now + timedelta(hours=1)) == 1
    assert await stored_keys(storage, tenant) == [kept]
    assert await sweep(database, storage, context, now + timedelta(hours=24, minutes=15)) == 1
    assert await stored_keys(storage, tenant) == []
    assert await sweep(database, storage, context, now + timedelta(hours=25)) == 0
    rows.refresh(file)
    assert (file.object_key, file.status, file.rejection_code) == (None, FileStatus.REJECTED, "expired")
    evidence = select(func.count()).select_from(FileRemoval).where(FileRemoval.object_key.in_([kept, orphan]))
    assert rows.scalar(evidence) == 2
