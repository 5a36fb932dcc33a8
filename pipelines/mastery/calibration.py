"""The calibration of a district: computed from the same facts by every asset that judges answers."""

import polars as pl

from core.domain.calibration import Calibration, calibrate

CALIBRATION_VERSION = "shipped-1"
"""Rates come from the district's own answers, constants are the shipped ones."""


def calibration_of(facts: pl.DataFrame) -> Calibration:
    """Return the rates of the district's questions and concepts from its first graded answers."""
    questions = facts.select("question_id", "concept_ids", "difficulty").unique("question_id", keep="first")
    return calibrate(facts, version=CALIBRATION_VERSION, questions=questions)
