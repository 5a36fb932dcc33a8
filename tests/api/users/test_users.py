"""Who you are."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

ME = "/api/v1/users/me"


async def test_everybody_reads_their_own_profile(api: Api, bench: DistrictBench) -> None:
    for user in (bench.admin, bench.schools[0].teacher, bench.schools[0].student):
        profile = data_of(await api.signed_in(user).get(ME))
        assert profile == {
            "id": str(user.id),
            "district_id": str(user.district_id),
            "school_id": user.school_id and str(user.school_id),
            "role": user.role,
            "name": user.name,
            "email": user.email,
            "grade_level": user.grade_level,
        }


async def test_who_was_deleted_is_not_found(api: Api, school: SchoolBench, rows: Session) -> None:
    gone = text("UPDATE app.users SET deleted_at = now() WHERE id = :id")
    rows.execute(gone, {"id": school.student.id})
    refusal_of(await api.signed_in(school.student).get(ME), 404, "not_found")
