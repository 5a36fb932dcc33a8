from pipelines.answers.assets import answers
from pipelines.mastery.assets import concept_mastery, mastery_history
from pipelines.velocity.assets import class_velocity, learning_velocity
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller, written
from warehouse.mastery import CONCEPT_MASTERY, MASTERY_HISTORY
from warehouse.velocity import CLASS_VELOCITY, LEARNING_VELOCITY


def test_a_student_with_few_answers_is_told_so_and_the_class_has_no_trend(
    call: Caller, bench: DistrictBench
) -> None:
    for asset in (answers, mastery_history, learning_velocity, class_velocity):
        call(asset)
    rows = written(call, LEARNING_VELOCITY)
    assert set(rows["student_id"]) == {str(school.student.id) for school in bench.schools}
    assert set(rows["direction"]) == {"not_enough_evidence"}
    assert rows["secured_counts"].to_list() == [[0], [0]]
    classes = written(call, CLASS_VELOCITY)
    assert classes["student_count"].sum() == 0
    assert classes["median_slope"].null_count() == classes.height == 2 * len(bench.schools)


def test_the_last_day_of_the_history_is_todays_mastery(call: Caller, bench: DistrictBench) -> None:
    assert bench.schools
    for asset in (answers, concept_mastery, mastery_history):
        call(asset)
    now = written(call, CONCEPT_MASTERY).select("student_id", "concept_id", "mastery_percent", "band")
    last = written(call, MASTERY_HISTORY).select(now.columns)
    assert last.sort("student_id").equals(now.sort("student_id"))
