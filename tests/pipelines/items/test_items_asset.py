from pipelines.answers.assets import answers
from pipelines.items.assets import question_statistics
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import RUN_ID, Caller
from warehouse.items import QUESTION_STATISTICS
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


def test_each_answered_question_has_a_row_that_says_where_it_was_asked(
    call: Caller, bench: DistrictBench
) -> None:
    call(answers)
    call(question_statistics)
    entry = staged_entry(call.folder, "question_statistics", RUN_ID)
    assert entry is not None
    found = scan_mart(call.folder, QUESTION_STATISTICS, entry).collect()
    columns = ("class_id", "question_id", "answer_count", "share_right", "option_ids", "option_counts")
    assert sorted(found.select(columns).rows()) == sorted(
        (str(school.school_class.id), str(school.choice_question.id), 1, 1.0, ["b"], [1])
        for school in bench.schools
    )
