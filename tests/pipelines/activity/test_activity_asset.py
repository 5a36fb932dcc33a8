from pipelines.activity.assets import class_activity
from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts
from pipelines.events.assets import LakeConfig, events
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller, written
from warehouse.completion import CLASS_ACTIVITY


def test_only_students_with_a_place_are_active(call: Caller, bench: DistrictBench) -> None:
    call(events, config=LakeConfig())
    for asset in (answers, attempts, class_activity):
        call(asset)
    rows = written(call, CLASS_ACTIVITY)
    assert set(rows["class_id"]) == {str(school.school_class.id) for school in bench.schools}
    assert rows["active_count"].max() == 1
    assert rows["answer_count"].sum() == 2 * len(bench.schools)
