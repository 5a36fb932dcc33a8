"""Proposals and decisions of an assignment, counted and compared."""

from decimal import Decimal
from typing import Any

import polars as pl

from core.domain.agreement import mean_difference, quadratic_weighted_kappa
from warehouse.ai import AI_GRADING_AGREEMENT

_FULL = Decimal(100)
_DECIDED = ("accepted", "changed")
_KEYS = ("school_id", "class_id", "assignment_id")


def agreement_by_assignment(proposals: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the agreement mart from proposals (ids, state, score, human_score, possible)."""
    parts = proposals.sort("class_id", "assignment_id").partition_by(*_KEYS, maintain_order=True)
    schema = {name: kind for name, kind in AI_GRADING_AGREEMENT.schema.items() if name != "district_id"}
    return pl.DataFrame([_agreement(part) for part in parts], schema=schema)


def _agreement(proposals: pl.DataFrame) -> dict[str, Any]:
    """Scores are compared in percent of what the question is worth."""
    decided = proposals.filter(pl.col("state").is_in(_DECIDED))
    pairs = [
        (_FULL * score / possible, _FULL * human_score / possible)
        for score, human_score, possible in decided.select("score", "human_score", "possible").iter_rows()
    ]
    kappa, difference = quadratic_weighted_kappa(pairs), mean_difference(pairs)
    return {
        **dict(zip(_KEYS, proposals.select(_KEYS).row(0), strict=True)),
        "proposed_count": proposals.height,
        "released_count": proposals.filter(pl.col("state") == "released").height,
        "decided_count": decided.height,
        "accepted_count": decided.filter(pl.col("state") == "accepted").height,
        "kappa": None if kappa is None else float(kappa),
        "mean_difference": None if difference is None else float(difference),
    }
