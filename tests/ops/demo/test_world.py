"""The simulated rows: the same for the same seed, closed under their keys, and adding up."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from core.domain.grading import percent
from core.events import OBJECT_TYPES, SERVER_FACTS, VERBS, InteractionEvent, reason_to_reject
from core.models import SCHEMA, Base
from ops.demo.semester import moment
from ops.demo.world import DemoParameters, SimulatedDistrict, district_roll, simulate, simulate_district
from tests.ops.demo.conftest import NOW, SMALL

GRADE = ["student_id", "assignment_id"]


def digest(districts: list[SimulatedDistrict]) -> str:
    content = hashlib.sha256()
    for district in districts:
        for name, table in district.tables.items():
            content.update(name.encode() + table.write_csv().encode())
    return content.hexdigest()


def test_the_same_seed_gives_the_same_rows_ids_included(districts: list[SimulatedDistrict]) -> None:
    assert digest(list(simulate(SMALL))) == digest(districts)


@pytest.mark.parametrize("changed", [{"seed": 8}, {"now": NOW + timedelta(hours=1)}])
def test_another_seed_or_moment_gives_other_people_and_ids(
    changed: dict[str, object], district: SimulatedDistrict
) -> None:
    other = simulate_district(0, replace(SMALL, **changed))  # type: ignore[arg-type]
    assert not set(other.tables["users"]["id"]) & set(district.tables["users"]["id"])


def test_reading_only_the_roll_gives_the_people_of_the_whole_simulation(district: SimulatedDistrict) -> None:
    _, tables = district_roll(0, SMALL)
    for name, table in tables.items():
        assert table.equals(district.tables[name])


def test_the_students_are_as_many_as_asked_and_more_than_one_school_has_two_classes_a_subject(
    districts: list[SimulatedDistrict],
) -> None:
    users = pl.concat(district.tables["users"] for district in districts)
    assert users.filter(pl.col("role") == "student").height == SMALL.students
    classes = districts[0].tables["classes"].group_by("school_id", "subject").len()
    assert classes.filter(pl.col("len") >= 2)["school_id"].n_unique() >= 2


def test_a_handful_of_students_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        DemoParameters(students=19, weeks=2, seed=1, now=NOW)


def test_the_smallest_demo_can_be_simulated() -> None:
    tables = simulate_district(1, DemoParameters(students=20, weeks=1, seed=1, now=NOW)).tables
    assert tables["student_answers"].height > 0


def test_columns_are_columns_of_the_models(district: SimulatedDistrict) -> None:
    for name, table in district.tables.items():
        columns = {column.name: column for column in Base.metadata.tables[f"{SCHEMA}.{name}"].columns}
        assert set(table.columns) <= set(columns)
        required = {
            name for name, column in columns.items() if not column.nullable and column.server_default is None
        }
        assert required <= set(table.columns)


def test_every_reference_has_its_row(district: SimulatedDistrict) -> None:
    for name, table in district.tables.items():
        for key in Base.metadata.tables[f"{SCHEMA}.{name}"].foreign_key_constraints:
            columns = key.column_keys
            if not set(columns) <= set(table.columns):
                continue
            parent = district.tables[key.referred_table.name]
            referred = [element.column.name for element in key.elements]
            orphans = table.drop_nulls(columns).join(parent, left_on=columns, right_on=referred, how="anti")
            assert orphans.height == 0, (name, columns)


def test_no_key_occurs_twice(district: SimulatedDistrict) -> None:
    for name, table in district.tables.items():
        keys = [column.name for column in Base.metadata.tables[f"{SCHEMA}.{name}"].primary_key]
        assert table.select(keys).is_duplicated().sum() == 0, name


def test_attempts_are_the_sums_of_their_counted_answers(district: SimulatedDistrict) -> None:
    tables = district.tables
    sums = (
        tables["student_answers"].filter("counts").group_by("submission_id").agg(total=pl.col("score").sum())
    )
    attempts = tables["student_submissions"].join(sums, left_on="id", right_on="submission_id", how="left")
    assert attempts.filter(pl.col("score") != pl.col("total").fill_null(0)).height == 0
    points = tables["questions"].group_by("assignment_id").agg(total=pl.col("points").sum())
    attempts = attempts.drop("total").join(points, on="assignment_id")
    assert attempts.filter(pl.col("possible") != pl.col("total")).height == 0


def test_a_grade_is_the_best_attempt_and_the_last_line_of_its_history(district: SimulatedDistrict) -> None:
    tables = district.tables
    grades, attempts = tables["grades"], tables["student_submissions"]
    best = attempts.group_by(GRADE).agg(best=pl.col("score").max())
    compared = grades.join(best, on=GRADE, how="full")
    assert compared.filter(pl.col("score").eq_missing(pl.col("best")).not_()).height == 0
    of_attempt = grades.join(attempts, left_on="submission_id", right_on="id")
    assert of_attempt.filter(pl.col("score") != pl.col("score_right")).height == 0
    last = tables["grade_history"].sort("version").group_by("grade_id").last()
    of_history = grades.join(last, left_on="id", right_on="grade_id")
    assert of_history.height == grades.height
    differs = (
        (pl.col("score") != pl.col("new_score"))
        | (pl.col("status") != pl.col("new_status"))
        | (pl.col("version") != pl.col("version_right"))
        | (pl.col("updated_at") != pl.col("changed_at"))
    )
    assert of_history.filter(differs).height == 0


def test_history_has_no_gap_and_each_line_begins_where_the_last_one_ended(
    district: SimulatedDistrict,
) -> None:
    history = district.tables["grade_history"].sort("grade_id", "version")
    assert (
        history["version"].to_list()
        == history.select(pl.int_range(1, pl.len() + 1).over("grade_id")).to_series().to_list()
    )
    before = history.select("grade_id", previous=pl.col("new_score").shift(1).over("grade_id"))
    assert history["old_score"].equals(before["previous"], null_equal=True)
    assert history.filter(pl.col("changed_at") < pl.col("changed_at").shift(1).over("grade_id")).height == 0


def test_percents_are_the_products_own(district: SimulatedDistrict) -> None:
    grades = district.tables["grades"]
    for score, possible, shown in grades.select("score", "possible", "percent").unique().iter_rows():
        assert Decimal(shown) == percent(Decimal(score), Decimal(possible))
    assert set(grades["status"]) == {"graded", "awaiting_teacher", "in_progress"}


def test_an_attempt_is_graded_exactly_when_nothing_in_it_waits(district: SimulatedDistrict) -> None:
    waiting = district.tables["student_answers"].filter(pl.col("status") == "awaiting_teacher")
    attempts = district.tables["student_submissions"].with_columns(
        waits=pl.col("id").is_in(waiting["submission_id"].implode())
    )
    assert (
        attempts.filter(pl.col("submitted_at").is_null() != (pl.col("status") == "in_progress")).height == 0
    )
    handed_in = attempts.drop_nulls("submitted_at")
    assert handed_in.filter(pl.col("waits") != (pl.col("status") == "submitted")).height == 0


def test_nothing_happens_before_its_cause_or_after_the_term(district: SimulatedDistrict) -> None:
    tables, end = district.tables, moment(SMALL.semester.end)
    attempts = tables["student_submissions"].join(
        tables["assignments"], left_on="assignment_id", right_on="id"
    )
    assert attempts.filter(pl.col("started_at") < pl.col("available_at")).height == 0
    assert attempts.filter(pl.col("submitted_at") <= pl.col("started_at")).height == 0
    answers = tables["student_answers"].join(
        tables["student_submissions"], left_on="submission_id", right_on="id"
    )
    assert answers.filter(pl.col("answered_at") < pl.col("started_at")).height == 0
    assert answers.filter(pl.col("answered_at") > pl.col("submitted_at")).height == 0
    for name, column in [
        ("student_answers", "answered_at"),
        ("student_answers", "graded_at"),
        ("student_submissions", "submitted_at"),
        ("interaction_events", "event_time"),
        ("notifications", "created_at"),
    ]:
        assert tables[name][column].max() <= end, (name, column)


def test_parallel_answers_of_one_attempt_never_overlap(district: SimulatedDistrict) -> None:
    answers = district.tables["student_answers"].sort("submission_id", "answered_at")
    gap = (
        pl.col("answered_at") - pl.col("answered_at").shift(1).over("submission_id")
    ).dt.total_milliseconds()
    assert answers.filter(gap < pl.col("time_spent_ms")).height == 0


def test_events_are_what_the_api_would_have_accepted_or_written_itself(district: SimulatedDistrict) -> None:
    events = district.tables["interaction_events"]
    assert set(events["verb"]) <= set(VERBS)
    assert set(events["object_type"]) <= set(OBJECT_TYPES)
    sample = pl.concat(
        rows.tail(20) for _, rows in events.sort("event_time").group_by("verb", maintain_order=True)
    )
    for row in sample.select(*InteractionEvent.model_fields).iter_rows(named=True):
        event = InteractionEvent.model_validate({**row, "payload": json.loads(row["payload"])})
        if event.verb in SERVER_FACTS:
            VERBS[event.verb].model_validate(event.payload)
            event = event.model_copy(update={"payload": {}})
        assert reason_to_reject(event, event.occurred_at) is None
    assert events.filter(pl.col("event_time") != pl.col("occurred_at")).height == 0
    assert events.filter(pl.col("received_at") <= pl.col("occurred_at")).height == 0


def test_each_answer_has_one_event_that_says_the_same(district: SimulatedDistrict) -> None:
    answers, events = district.tables["student_answers"], district.tables["interaction_events"]
    told = events.filter(pl.col("verb") == "answered").with_columns(
        answer_id=pl.col("payload").str.json_path_match("$.answer_id"),
        score=pl.col("payload").str.json_path_match("$.score").cast(pl.Int64),
    )
    paired = answers.join(told, left_on="id", right_on="answer_id", how="full")
    assert paired.filter(pl.col("id").is_null() | pl.col("event_id").is_null()).height == 0
    assert paired.filter(pl.col("answered_at") != pl.col("event_time")).height == 0
    assert (
        paired.filter(pl.col("score_right").is_not_null() & (pl.col("score") != pl.col("score_right"))).height
        == 0
    )


def test_practice_is_kept_but_only_the_first_try_counts(district: SimulatedDistrict) -> None:
    answers = district.tables["student_answers"].sort("submission_id", "client_seq")
    of_question = ["submission_id", "question_id"]
    tries = answers.with_columns(place=pl.int_range(pl.len()).over(of_question))
    assert tries.filter(pl.col("counts") != (pl.col("place") == 0)).height == 0
    assert 0.002 < answers.filter(~pl.col("counts")).height / answers.height < 0.1
    in_order = answers.select(
        (pl.col("answered_at").diff().over("submission_id").dt.total_milliseconds() > 0).all()
    )
    assert in_order.item()


def test_a_second_attempt_follows_a_first_that_was_handed_in(district: SimulatedDistrict) -> None:
    attempts = district.tables["student_submissions"]
    second = attempts.filter(pl.col("attempt_number") == 2)
    first = attempts.filter(pl.col("attempt_number") == 1)
    paired = second.join(first, on=GRADE, how="left", suffix="_first")
    assert paired.height > 0
    assert (
        paired.filter(
            (pl.col("submitted_at_first") < pl.col("started_at")).fill_null(value=False).not_()
        ).height
        == 0
    )


def test_students_read_of_quizzes_and_teachers_of_requests(district: SimulatedDistrict) -> None:
    told = district.tables["notifications"].join(district.tables["users"], left_on="user_id", right_on="id")
    pairs = set(told.select("kind", "role").iter_rows())
    assert pairs == {("assignment_posted", "student"), ("enrollment_requested", "teacher")}
    names = dict(district.tables["user_events"]["name"].value_counts().iter_rows())
    assert names["notification:new"] == told.height
    assert names["grade:updated"] > 0


def test_user_events_are_gapless_and_the_counter_knows_the_last(district: SimulatedDistrict) -> None:
    stream, counters = district.tables["user_events"], district.tables["user_event_counters"]
    per_user = stream.group_by("user_id").agg(
        pl.col("seq").max().alias("last"),
        pl.col("seq").min().alias("first"),
        pl.col("seq").n_unique().alias("count"),
    )
    assert per_user.filter((pl.col("first") != 1) | (pl.col("last") != pl.col("count"))).height == 0
    compared = per_user.join(counters, on="user_id", how="full")
    assert compared.filter(pl.col("last").ne_missing(pl.col("last_seq"))).height == 0
