from uuid import UUID

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import District, DistrictDirectory, DistrictStatus, School
from tests.factories.saving import canary, saved


def make_district(session: Session, district_id: UUID | None = None) -> District:
    """A new tenant, listed in the directory."""
    district_id = district_id or new_id()
    saved(session, DistrictDirectory(id=district_id, status=DistrictStatus.ACTIVE))
    return saved(session, District(district_id=district_id, name=f"District {canary(district_id)}"))


def make_school(session: Session, district: District) -> School:
    school_id = new_id()
    name = f"School {canary(district.district_id, school_id)}"
    return saved(session, School(district_id=district.district_id, id=school_id, name=name))
