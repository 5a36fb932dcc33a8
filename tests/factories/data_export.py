from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    DataExport,
    District,
    ExportFormat,
    ExportKey,
    ExportProfile,
    ExportState,
    LakeState,
    SchoolClass,
    User,
)
from tests.factories.saving import canary, saved


class Storage:
    """Where the application under test keeps files; unknown in tests without one."""

    root: Path | None = None


def make_data_export(session: Session, teacher: User, school_class: SchoolClass) -> DataExport:
    now = datetime.now(UTC)
    export = DataExport(
        district_id=teacher.district_id,
        school_id=teacher.school_id,
        id=new_id(),
        requested_by=teacher.id,
        class_id=school_class.id,
        dataset="gradebook",
        storage_key=f"exports/{teacher.school_id}.csv",
        format=ExportFormat.CSV,
        profile=ExportProfile.NAMED,
        state=ExportState.DONE,
        file_name=f"gradebook {canary(teacher.district_id, teacher.school_id)}.csv",
        row_count=1,
        byte_count=100,
        sha256="0" * 64,
        as_of=now,
        expires_at=now + timedelta(days=1),
    )
    if Storage.root is not None:
        folder = Storage.root / f"district_id={teacher.district_id}" / "exports"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{teacher.school_id}.csv").write_text(
            f"{canary(teacher.district_id, teacher.school_id)}\n"
        )
    return saved(session, export)


def make_export_key(session: Session, district: District) -> ExportKey:
    return saved(session, ExportKey(district_id=district.district_id, secret=district.district_id.bytes * 2))


def make_lake_state(session: Session, district: District) -> LakeState:
    state = LakeState(
        district_id=district.district_id,
        watermark=1,
        complete_through=datetime(2026, 1, 1, tzinfo=UTC),
        event_count=0,
        run_id="none",
    )
    return saved(session, state)
