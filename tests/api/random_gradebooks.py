"""Gradebooks and policies drawn at random from a seed: for what must hold in every one of them."""

import random
from decimal import Decimal
from typing import Any

from core.models import GradePosting
from tests.api.gradebooks import Gradebook

CATEGORIES = ("Homework", "Quizzes", "Exams")


def draw_policy(draw: random.Random) -> dict[str, Any]:
    """A policy with every rule there is, in sizes that have an effect."""
    late = {
        "percent": str(draw.choice([5, 10, 25])),
        "mode": draw.choice(["per_interval", "flat"]),
        "interval": draw.choice(["hour", "day"]),
        "minimum_percent": draw.choice([None, "30"]),
    }
    return {
        "weighted": draw.random() < 0.5,
        "drop_rule": draw.choice(["joint", "sequential"]),
        "places": draw.randint(0, 3),
        "late": draw.choice([None, late]),
        "missing_deduction": draw.choice([None, "40", "100"]),
        "categories": [
            {
                "name": name,
                "weight": str(draw.choice([0, 20, 33.3, 60])),
                "drop_lowest": draw.randint(0, 2),
                "drop_highest": draw.randint(0, 1),
            }
            for name in CATEGORIES
        ],
    }


def fill(gradebook: Gradebook, draw: random.Random) -> None:
    """Twelve assignments; both students have scores for most, some of them late, excused, waiting or unposted."""
    for _ in range(12):
        _add_work(gradebook, draw)


def _add_work(gradebook: Gradebook, draw: random.Random) -> None:
    possible = draw.choice([0, 5, 10, 10, 30, 100])
    is_manual = draw.random() < 0.3
    quiz = gradebook.quiz(
        possible,
        category=draw.choice([None, "exams", *CATEGORIES]),
        grade_posting=GradePosting.MANUAL if is_manual else GradePosting.AUTOMATIC,
        omit_from_final=draw.random() < 0.1,
        never_drop=draw.random() < 0.2,
    )
    if draw.random() < 0.1:
        gradebook.leave_waiting(quiz, draw.randint(0, possible))
        return
    for student in (gradebook.school.student, gradebook.subject):
        fate = draw.random()
        if fate < 0.8:
            score = Decimal(draw.randint(0, 12 * possible + 10)) / 10
            gradebook.enter(
                quiz,
                score,
                student=student,
                is_posted=not is_manual or draw.random() < 0.5,
                is_excused=draw.random() < 0.1,
                late_seconds_override=draw.choice([None, None, 4000, 200_000]),
            )
        elif fate < 0.9:
            gradebook.enter(quiz, None, student=student, is_missing=True)
