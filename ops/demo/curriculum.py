"""The concept graph of the demo: what is taught in which grades, and what builds on what."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    MATHEMATICS = "Mathematics"
    SCIENCE = "Science"


class Band(StrEnum):
    """A stage of schooling; each teaches its own stretch of the graph."""

    ELEMENTARY = "elementary"
    MIDDLE = "middle"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class CurriculumConcept:
    """One idea: `hardness` is the logit by which its questions are harder than average for its grades."""

    name: str
    subject: Subject
    band: Band
    prerequisites: tuple[str, ...]
    hardness: float
    description: str


def band_of(grade_level: int) -> Band:
    """Return the stage a grade level (0-12) belongs to."""
    if grade_level <= 5:
        return Band.ELEMENTARY
    return Band.MIDDLE if grade_level <= 8 else Band.HIGH


def sequence(subject: Subject, band: Band) -> list[int]:
    """Return the positions in `CONCEPTS` of what a class of this subject and stage covers, in teaching order."""
    return [
        index for index, concept in enumerate(CONCEPTS) if concept.subject is subject and concept.band is band
    ]


def positions(names: Sequence[str]) -> list[int]:
    """Return the positions in `CONCEPTS` of the named concepts; an unknown name raises ValueError."""
    order = [concept.name for concept in CONCEPTS]
    return [order.index(name) for name in names]


_Row = tuple[str, tuple[str, ...], float, str]

_ELEMENTARY_MATHEMATICS: tuple[_Row, ...] = (
    ("Place value", (), -0.5, "Read, write and compare whole numbers by the value of each digit."),
    ("Multi-digit multiplication", ("Place value",), 0.0, "Multiply by breaking numbers into parts."),
    ("Division with remainders", ("Multi-digit multiplication",), 0.2, "Share equally and say what is left."),
    ("Equivalent fractions", ("Multi-digit multiplication",), 0.1, "Name the same amount in different ways."),
    ("Adding fractions", ("Equivalent fractions",), 0.4, "Add fractions over a common denominator."),
    ("Comparing decimals", ("Place value", "Equivalent fractions"), 0.1, "Order decimals to the thousandth."),
    ("Area and perimeter", ("Multi-digit multiplication",), 0.0, "Measure around and inside a rectangle."),
    ("Measuring angles", (), -0.1, "Find angles on a line, at a point and in a triangle."),
    (
        "Reading data displays",
        ("Division with remainders",),
        -0.3,
        "Answer questions from tables and graphs.",
    ),
)

_MIDDLE_MATHEMATICS: tuple[_Row, ...] = (
    (
        "Ratios and rates",
        ("Equivalent fractions", "Division with remainders"),
        0.0,
        "Compare amounts by ratio.",
    ),
    (
        "Percentages",
        ("Ratios and rates", "Comparing decimals"),
        0.2,
        "Find parts, wholes and changes in percent.",
    ),
    ("Negative numbers", ("Place value",), 0.0, "Add, subtract and multiply below zero."),
    ("Algebraic expressions", ("Negative numbers",), 0.1, "Evaluate and simplify expressions with letters."),
    ("Two-step equations", ("Algebraic expressions",), 0.3, "Undo two operations to find an unknown."),
    ("Proportional relationships", ("Ratios and rates",), 0.3, "Recognise and use y = kx."),
    ("Area of triangles", ("Area and perimeter",), 0.0, "Halve the rectangle around a triangle."),
    (
        "Probability of simple events",
        ("Equivalent fractions",),
        0.0,
        "Count favourable among equal outcomes.",
    ),
    ("Mean and median", ("Reading data displays", "Adding fractions"), -0.1, "Describe the centre of data."),
)

_HIGH_MATHEMATICS: tuple[_Row, ...] = (
    ("Linear equations", ("Two-step equations",), 0.0, "Solve equations with the unknown on both sides."),
    (
        "Slope and intercept",
        ("Proportional relationships", "Linear equations"),
        0.1,
        "Read a line's equation.",
    ),
    ("Systems of equations", ("Slope and intercept",), 0.5, "Find the pair that satisfies two equations."),
    ("Linear inequalities", ("Linear equations",), 0.2, "Solve and read inequalities."),
    ("Exponent rules", ("Algebraic expressions",), 0.0, "Multiply, divide and raise powers."),
    ("Multiplying binomials", ("Algebraic expressions",), 0.2, "Expand the product of two brackets."),
    ("Factoring quadratics", ("Multiplying binomials",), 0.5, "Write a quadratic as a product."),
    ("Quadratic equations", ("Factoring quadratics",), 0.6, "Solve by factoring and read the roots."),
    (
        "Pythagorean theorem",
        ("Exponent rules", "Area of triangles"),
        -0.1,
        "Find a side of a right triangle.",
    ),
)

_ELEMENTARY_SCIENCE: tuple[_Row, ...] = (
    ("States of matter", (), -0.4, "Solids, liquids, gases and the changes between them."),
    ("The water cycle", ("States of matter",), -0.1, "Where rain comes from and where it goes."),
    ("Food chains", (), -0.3, "Who eats whom, and where the energy starts."),
    ("Forces and motion", (), 0.1, "Pushes and pulls change how things move."),
    ("Electric circuits", (), 0.2, "What makes a lamp light."),
    ("Earth, Sun and Moon", ("Forces and motion",), 0.3, "Day and night, seasons and phases."),
)

_MIDDLE_SCIENCE: tuple[_Row, ...] = (
    ("Cells", (), -0.2, "The smallest living units and their parts."),
    ("Photosynthesis", ("Cells", "Food chains"), 0.2, "How plants make sugar from light, water and air."),
    ("Energy flow in ecosystems", ("Food chains", "Photosynthesis"), 0.2, "Energy passes on and thins out."),
    ("Atoms and elements", ("States of matter",), 0.1, "What matter is made of."),
    ("Plate tectonics", ("States of matter",), 0.0, "Moving plates shape mountains, oceans and quakes."),
    ("Newton's laws", ("Forces and motion",), 0.5, "How force, mass and acceleration belong together."),
)

_HIGH_SCIENCE: tuple[_Row, ...] = (
    ("Cell division", ("Cells",), 0.1, "Mitosis and meiosis and what each is for."),
    ("Inheritance", ("Cell division",), 0.4, "How traits pass from parents to children."),
    (
        "Natural selection",
        ("Inheritance", "Energy flow in ecosystems"),
        0.2,
        "Why populations change over time.",
    ),
    ("Chemical bonding", ("Atoms and elements",), 0.3, "How atoms hold together."),
    ("Chemical reactions", ("Chemical bonding",), 0.3, "Atoms rearrange, none are lost."),
    ("Conservation of energy", ("Newton's laws",), 0.2, "Energy changes form and is never used up."),
)


def _concepts(subject: Subject, band: Band, rows: Sequence[_Row]) -> tuple[CurriculumConcept, ...]:
    return tuple(CurriculumConcept(row[0], subject, band, *row[1:]) for row in rows)


CONCEPTS: tuple[CurriculumConcept, ...] = (
    *_concepts(Subject.MATHEMATICS, Band.ELEMENTARY, _ELEMENTARY_MATHEMATICS),
    *_concepts(Subject.MATHEMATICS, Band.MIDDLE, _MIDDLE_MATHEMATICS),
    *_concepts(Subject.MATHEMATICS, Band.HIGH, _HIGH_MATHEMATICS),
    *_concepts(Subject.SCIENCE, Band.ELEMENTARY, _ELEMENTARY_SCIENCE),
    *_concepts(Subject.SCIENCE, Band.MIDDLE, _MIDDLE_SCIENCE),
    *_concepts(Subject.SCIENCE, Band.HIGH, _HIGH_SCIENCE),
)
