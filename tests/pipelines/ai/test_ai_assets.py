from decimal import Decimal

import psycopg

from pipelines.ai.assets import ai_grading_agreement, ai_interactions
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller, written
from warehouse.ai import AI_GRADING_AGREEMENT, AI_INTERACTIONS


def test_interactions_tell_of_cost_and_never_of_words(call: Caller, bench: DistrictBench) -> None:
    call(ai_interactions)
    rows = written(call, AI_INTERACTIONS)
    assert rows.height == len(bench.schools)
    assert not {"request_encrypted", "reply_encrypted"} & set(rows.columns)
    assert set(rows["subject_id"]) == {str(school.generation.id) for school in bench.schools}


def test_agreement_compares_what_teachers_decided(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.ai_gradings SET mode = 'ai', state = 'changed', score = possible, human_score = possible / 2 "
        "WHERE assignment_id = %s",
        [school.assignment.id],
    )
    call(ai_grading_agreement)
    rows = {row["assignment_id"]: row for row in written(call, AI_GRADING_AGREEMENT).to_dicts()}
    row = rows[str(school.assignment.id)]
    assert (row["proposed_count"], row["decided_count"], row["accepted_count"]) == (1, 1, 0)
    assert Decimal(row["mean_difference"]) == 50
