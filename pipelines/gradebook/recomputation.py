"""Overall grades worked out once more from the lines of the gradebook, by the rules the API settles them with."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
import psycopg

from core.domain.gradebook import GradingPolicy, Item, Standing, course_grades
from core.domain.policy_snapshots import policy_of
from core.tenancy import TenantId
from pipelines.copying import copy_frame
from pipelines.gradebook.queries import LINES, POLICIES, gradebook_lines, standing_policies

DEFAULT_POLICY = GradingPolicy()
_WITH_SCORE = frozenset({"graded", "awaiting_teacher"})


@dataclass(frozen=True, slots=True)
class Difference:
    """An overall grade that is stored as one number and follows from its lines as another."""

    class_id: str
    student_id: str
    run: str
    stored: Decimal | None
    recomputed: Decimal | None


def differences(
    connection: psycopg.Connection, tenant: TenantId, stored: pl.DataFrame
) -> Iterator[Difference]:
    """Yield every overall grade of `stored` (the mart) that the rules would not give from the same moment's lines.

    Only grades settled under the class's newest policy are judged: the others wait to be settled again.
    """
    policies = {
        row["class_id"]: policy_of(row["version"], json.loads(row["content"]))
        for row in copy_frame(connection, standing_policies(tenant), POLICIES).iter_rows(named=True)
    }
    lines = copy_frame(connection, gradebook_lines(tenant), LINES).partition_by(
        "class_id", "student_id", as_dict=True
    )
    for grade in stored.iter_rows(named=True):
        policy = policies.get(grade["class_id"], DEFAULT_POLICY)
        if policy.version == grade["policy_version"]:
            own = lines.get((grade["class_id"], grade["student_id"]))
            yield from _compared(grade, policy, [] if own is None else own.to_dicts())


def _compared(
    grade: dict[str, Any], policy: GradingPolicy, lines: list[dict[str, Any]]
) -> Iterator[Difference]:
    grades = course_grades(policy, [_item(line, policy) for line in lines])
    runs: dict[str, Standing] = {
        "current_percent": grades.current_posted,
        "final_percent": grades.final_posted,
        "all_current_percent": grades.current_all,
        "all_final_percent": grades.final_all,
    }
    for run, standing in runs.items():
        if grade[run] != standing.percent:
            yield Difference(grade["class_id"], grade["student_id"], run, grade[run], standing.percent)


def _item(line: dict[str, Any], policy: GradingPolicy) -> Item:
    score = line["score"] if line["status"] in _WITH_SCORE else None
    return Item(
        id=line["assignment_id"],
        category=_category(line["category"], policy),
        score=score,
        possible=line["possible"],
        posted=score is None or bool(line["is_posted"]),
        awaiting_review=line["status"] == "awaiting_teacher",
        excused=bool(line["is_excused"]),
        omitted=line["omit_from_final"],
        never_drop=line["never_drop"],
    )


def _category(name: str | None, policy: GradingPolicy) -> str | None:
    wanted = None if name is None else name.casefold()
    return next((rule.id for rule in policy.categories if rule.name.casefold() == wanted), None)
