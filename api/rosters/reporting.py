"""A plan as people read it."""

from dataclasses import asdict

from api.rosters.errors import TooManyDeactivationsError
from api.rosters.plan import Plan, excessive
from api.rosters.schemas import FileReport, ProblemOut, RosterReport

MOST_PROBLEMS = 1_000


def report_of(plan: Plan) -> RosterReport:
    """Return counts per file, and the lines with something wrong."""
    return RosterReport(
        version=plan.roster.version.value,
        files=[FileReport(file=name, **_counts(tally)) for name, tally in plan.tallies.items()],
        problems=[ProblemOut(**asdict(problem)) for problem in plan.problems[:MOST_PROBLEMS]],
        problem_count=len(plan.problems),
    )


def _counts(tally: object) -> dict[str, int]:
    return {name: count for name, count in vars(tally).items() if name != "before"}


def require_moderation(plan: Plan, most_percent: int) -> None:
    """Raise TooManyDeactivationsError when a file takes more than this share out of use."""
    files = excessive(plan, most_percent)
    if files:
        counts = ", ".join(
            f"{tally.deactivated} of {tally.before} in {name}" for name, tally in files.items()
        )
        raise TooManyDeactivationsError(
            f"This import would take out of use {counts}; you allow {most_percent} %. Nothing was changed.",
            field="max_deactivation_percent",
        )
