from datetime import UTC, datetime, timedelta

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


def make_data_export(session: Session, teacher: User, school_class: SchoolClass) -> DataExport:
    now = datetime.now(UTC)
    export = DataExport(
        district_id=teacher.district_id,
        school_id=teacher.school_id,
        id=new_id(),
        requested_by=teacher.id,
        class_id=school_class.id,
        dataset="gradebook",
        format=ExportFormat.CSV,
        profile=ExportProfile.NAMED,
        state=ExportState.EXPIRED,
        file_name=f"gradebook {canary(teacher.district_id, teacher.school_id)}.csv",
        row_count=1,
        byte_count=100,
        sha256="0" * 64,
        as_of=now,
        expires_at=now + timedelta(days=1),
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
