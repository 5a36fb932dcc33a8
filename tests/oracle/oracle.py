"""The whole oracle: every mart from the facts of a district."""

from tests.oracle.facts import Facts, Rows
from tests.oracle.oracle_copies import copies

COVERED = (
    *("events", "answers", "attempts", "gradebook", "class_grades", "ai_interactions", "rejected_rows"),
)


def expected_marts(facts: Facts) -> dict[str, Rows]:
    """Return the rows each mart must hold, by its name."""
    return copies(facts)
