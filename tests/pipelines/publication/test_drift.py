"""Live counters and marts compared: silent where they agree or the counters are only ahead, named where not."""

from datetime import datetime, timedelta

import polars as pl
import psycopg

from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts
from pipelines.publication.drift import counters_of_marts, drift, live_counters
from pipelines.resources import PostgresResource
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller, written
from warehouse.answers import ANSWERS
from warehouse.attempts import ATTEMPTS


def _found(call: Caller, postgres: PostgresResource, marts: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    with postgres.snapshot(call.tenant) as moment:
        return drift(live_counters(moment.connection, call.tenant, as_of=as_of), marts)


def test_drift_is_named_by_class_and_assignment_and_being_ahead_is_none(
    call: Caller, bench: DistrictBench, postgres: PostgresResource, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.student_submissions SET started_at = now() WHERE id = %s", [school.submission.id]
    )
    call(attempts)
    call(answers)
    marts = counters_of_marts(written(call, ATTEMPTS).lazy(), written(call, ANSWERS).lazy())
    (read_at,) = admin.execute("SELECT now()").fetchone() or (None,)
    assert isinstance(read_at, datetime)
    assert _found(call, postgres, marts, read_at).is_empty()
    admin.execute(
        "UPDATE app.student_answers SET counts = false, updated_at = now() WHERE id = %s",
        [school.choice_answer.id],
    )
    assert _found(call, postgres, marts, read_at).is_empty()
    later = read_at + timedelta(minutes=1)
    assert _found(call, postgres, marts, later).to_dicts() == [
        {
            "class_id": str(school.school_class.id),
            "assignment_id": str(school.assignment.id),
            "attempts": 1,
            "unknown": 0,
        }
    ]
    assert _found(call, postgres, marts.clear(), later)["unknown"].sum() >= 1
