"""Random changes of a district, as teachers, students and late browsers make them; each is one statement or two."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg

from tests.oracle.world_coursework import Work
from tests.oracle.world_traces import add_events
from tests.oracle.worlds import Row, World, copy_in

_PUT_AWAY_OR_BACK = "deleted_at = CASE WHEN deleted_at IS NULL THEN now() END"


class Mutator:
    """Changes rows of a loaded world; `made` counts by kind."""

    def __init__(self, world: World, works: list[Work], connection: psycopg.Connection) -> None:
        self.world = world
        self.works = works
        self.connection = connection
        self.made: dict[str, int] = {}

    def change(self, times: int) -> None:
        for _ in range(times):
            kind = self.world.one_of(*_KINDS)
            kind(self)
            self.made[kind.__name__] = self.made.get(kind.__name__, 0) + 1

    def any_row(self, table: str) -> Row:
        row: Row = self.world.one_of(*self.world.rows[table])
        return row

    def update(self, table: str, row: Row, assignments: str, *values: Any) -> None:
        """Set columns of one row that has an id."""
        self.connection.execute(
            f"UPDATE app.{table} SET {assignments}, updated_at = now() WHERE district_id = %s AND id = %s",
            [*values, self.world.district_id, row["id"]],
        )


def answer_again(change: Mutator) -> None:
    """One more try at a question; it counts from now on."""
    known = change.any_row("student_answers")
    moment = known["answered_at"] + timedelta(seconds=change.world.random.randrange(5_000))
    later = known | {
        "id": change.world.new_id(moment),
        "client_seq": 100 + change.world.random.randrange(10**8),
        "answered_at": moment,
        "counts": True,
    }
    change.connection.execute(
        "UPDATE app.student_answers SET counts = false WHERE district_id = %s AND submission_id = %s "
        "AND question_id = %s",
        [change.world.district_id, known["submission_id"], known["question_id"]],
    )
    copy_in(change.connection, "student_answers", [later])


def regrade(change: Mutator) -> None:
    """A score that waited, or was another."""
    row = change.any_row("student_answers")
    score = (row["possible"] * change.world.random.randrange(0, 5) / 4).quantize(Decimal("0.0001"))
    is_right = score == row["possible"]
    change.update("student_answers", row, "status = 'graded', score = %s, is_correct = %s", score, is_right)


def grade_is_overridden(change: Mutator) -> None:
    score = change.world.random.randrange(0, 11)
    override = "score = %s, override_score = %s, overridden_at = now(), percent = NULL"
    change.update("grades", change.any_row("grades"), override, score, score)


def grade_is_excused(change: Mutator) -> None:
    change.update("grades", change.any_row("grades"), "is_excused = NOT is_excused, late_seconds = 70")


def class_grade_moves(change: Mutator) -> None:
    percent = change.world.random.randrange(20, 100)
    moved = "all_current_percent = %s, all_current_letter = 'C'"
    change.update("class_grades", change.any_row("class_grades"), moved, percent)


def place_changes(change: Mutator) -> None:
    status = change.world.one_of("approved", "approved", "removed", "pending")
    change.update("class_enrollments", change.any_row("class_enrollments"), "status = %s", status)


def question_is_put_away(change: Mutator) -> None:
    table = change.world.one_of("questions", "bank_questions")
    change.update(table, change.any_row(table), _PUT_AWAY_OR_BACK)


def attempt_is_put_away(change: Mutator) -> None:
    change.update("student_submissions", change.any_row("student_submissions"), _PUT_AWAY_OR_BACK)


def assignment_changes(change: Mutator) -> None:
    """Archived, published again, or due another day."""
    due = "due_at = due_at + make_interval(days => %s), status = %s"
    days, status = change.world.one_of(-3, 1, 2), change.world.one_of("published", "published", "archived")
    rows = [work.row for work in change.works if work.row["status"] != "draft"]
    change.update("assignments", change.world.one_of(*rows), due, days, status)


def attempt_is_handed_in(change: Mutator) -> None:
    ended = "status = 'submitted', handed_in_by = 'student', submitted_at = started_at + interval '9 minutes'"
    change.update("student_submissions", change.any_row("student_submissions"), ended)


def needs_change(change: Mutator) -> None:
    more = "due_shift_hours = %s, time_multiplier = %s"
    needs = change.world.one_of((0, 1), (48, 1), (24, 2))
    change.update("accommodations", change.any_row("accommodations"), more, *needs)


def concept_is_tagged_anew(change: Mutator) -> None:
    """A question practises another concept; difficulty is judged anew, too."""
    tag, concept = change.any_row("question_concepts"), change.any_row("concepts")
    change.connection.execute(
        "UPDATE app.question_concepts SET concept_id = %(new)s WHERE district_id = %(district)s "
        "AND question_id = %(question)s AND concept_id = %(old)s AND NOT EXISTS (SELECT 1 FROM app.question_concepts "
        "WHERE district_id = %(district)s AND question_id = %(question)s AND concept_id = %(new)s)",
        {
            "new": concept["id"],
            "old": tag["concept_id"],
            "question": tag["question_id"],
            "district": change.world.district_id,
        },
    )
    difficulty = change.world.one_of("easy", "medium", "hard")
    change.update("questions", change.any_row("questions"), "difficulty = %s", difficulty)


def thresholds_change(change: Mutator) -> None:
    change.connection.execute(
        "INSERT INTO app.district_settings (district_id, struggling_percent, secure_percent) VALUES (%s, %s, %s) "
        "ON CONFLICT (district_id) DO UPDATE SET struggling_percent = excluded.struggling_percent, "
        "secure_percent = excluded.secure_percent",
        [change.world.district_id, change.world.one_of(None, 55, 66), change.world.one_of(None, 75, 85)],
    )


def proposal_is_decided(change: Mutator) -> None:
    decided = "state = 'changed', human_score = possible"
    change.update("ai_gradings", change.any_row("ai_gradings"), decided)


def events_arrive_late(change: Mutator) -> None:
    copy_in(change.connection, "interaction_events", add_events(change.world, change.works, 3))


_KINDS: tuple[Callable[[Mutator], None], ...] = (
    *(
        answer_again,
        regrade,
        regrade,
        grade_is_overridden,
        grade_is_excused,
        class_grade_moves,
        place_changes,
    ),
    *(question_is_put_away, attempt_is_put_away, assignment_changes, attempt_is_handed_in, needs_change),
    *(concept_is_tagged_anew, thresholds_change, proposal_is_decided, events_arrive_late, events_arrive_late),
)
