"""A background job is shown to the person who caused it and to nobody else."""

from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, refusal_of
from tests.factories.bookkeeping import make_job
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api


async def test_only_who_caused_a_job_sees_it(api: Api, bench: DistrictBench, rows: Session) -> None:
    home, sister = bench.schools
    job = make_job(rows, home.student)
    url = f"/api/v1/jobs/{job.id}"
    shown = data_of(await api.signed_in(home.student).get(url))
    assert (shown["kind"], shown["status"]) == ("free_response", "succeeded")
    others = (home.classmate, home.teacher, home.admin, bench.admin, sister.student)
    answers = [await api.signed_in(user).get(url) for user in others]
    unknown = await api.signed_in(home.student).get(f"/api/v1/jobs/{home.student.id}")
    refusal_of(unknown, 404, "not_found")
    assert {answer.content for answer in answers} == {unknown.content}
