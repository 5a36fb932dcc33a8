"""The questions of a district's banks by concept, each with its easiness."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import merge

import polars as pl

from core.domain.calibration import concept_rates, mean_outcome, question_rates
from core.domain.paths_practice import RatedQuestion

Shelf = Mapping[tuple[str, str], list[RatedQuestion]]
"""Sorted questions by owner (a school, or a teacher) and concept."""


@dataclass(frozen=True, slots=True)
class Library:
    """What a school's teachers share, and what each keeps to themselves."""

    shared: Shelf
    private: Shelf

    def questions(self, school_id: str, teacher_id: str, concept_id: str) -> list[RatedQuestion]:
        """Return what a class of the teacher may practise a concept with, sorted."""
        shared = self.shared.get((school_id, concept_id), [])
        private = self.private.get((teacher_id, concept_id), [])
        return list(merge(shared, private)) if private else shared


def answered_totals(statistics: pl.DataFrame) -> pl.DataFrame:
    """Return question_id, concept_ids, answer_count and outcome_sum from the mart of question statistics."""
    return statistics.select(
        "question_id",
        "concept_ids",
        "answer_count",
        outcome_sum=pl.col("share_right") * pl.col("answer_count"),
    ).sort("question_id")


def library_of(bank: pl.DataFrame, copies: pl.DataFrame, totals: pl.DataFrame) -> Library:
    """Rate every bank question by the answers to its copies, shrunk towards its concepts and the teacher's word."""
    rated = bank.join(_rates(bank, copies, totals), on="question_id").explode("concept_ids")
    return Library(
        shared=_shelf(rated.filter("is_shared"), "school_id"),
        private=_shelf(rated.filter(~pl.col("is_shared")), "owner_id"),
    )


def _rates(bank: pl.DataFrame, copies: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    answered = (
        copies.drop_nulls()
        .join(totals.select("question_id", "answer_count", "outcome_sum"), on="question_id")
        .sort("bank_question_id", "question_id")
        .group_by("bank_question_id", maintain_order=True)
        .agg(pl.col("answer_count").sum(), pl.col("outcome_sum"))
        .with_columns(pl.col("outcome_sum").list.sum())
    )
    counted = bank.join(
        answered, left_on="question_id", right_on="bank_question_id", how="left"
    ).with_columns(pl.col("answer_count").fill_null(0), pl.col("outcome_sum").fill_null(0.0))
    mean = mean_outcome(totals)
    rates = question_rates(counted, concept_rates(totals, mean), mean)
    return rates.select("question_id", "easiness")


def _shelf(rated: pl.DataFrame, owner: str) -> Shelf:
    shelf: dict[tuple[str, str], list[RatedQuestion]] = defaultdict(list)
    ordered = rated.select(owner, "concept_ids", "easiness", "question_id").sort("easiness", "question_id")
    for owner_id, concept_id, easiness, question_id in ordered.iter_rows():
        shelf[owner_id, concept_id].append((easiness, question_id))
    return dict(shelf)
