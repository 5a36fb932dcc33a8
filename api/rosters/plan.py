"""What an import will do: filled line by line, reported as it is, and written when it is not a rehearsal."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from api.rosters.columns import READ_FILES, File
from api.rosters.register import Known, Present, Register, Values
from api.rosters.roster import Mode, Problem, Roster, Row
from core.ids import new_id

MESSAGES = {
    "orphan": "This line names something that neither the archive nor Homeroom knows.",
    "bad_date": "The first day comes after the last.",
    "bad_value": "A value is not one of those the column may hold.",
    "bad_name": "This cannot be a person's name.",
    "unknown_role": "OneRoster knows no such role.",
    "email_missing": "There is no e-mail address, neither as email nor as username.",
    "email_unusable": "This e-mail address cannot be used.",
    "email_differs": "The person signs in with another address; the address was left as it is.",
    "duplicate_email": "An earlier line has this e-mail address.",
    "role_conflict": "The person has another role here; a role never changes by an import.",
    "school_conflict": "The person or class stands in another school; an import moves nobody.",
    "removed": "This was removed here for good.",
    "yourself": "You cannot take away your own account.",
    "teacher_missing": "No teacher of this school is enrolled in the class.",
    "reference_changed": "This enrolment was about another class or student.",
    "duplicate_enrollment": "An earlier line has the same student in the same class.",
    "not_a_student": "This person is no student of the class's school.",
    "other_district": "This archive is another district's.",
}


@dataclass
class Tally:
    """What becomes of one file's lines; `linked` are rows made here that the roster now names."""

    created: int = 0
    linked: int = 0
    updated: int = 0
    unchanged: int = 0
    deactivated: int = 0
    skipped: int = 0
    before: int = 0
    """Rows in use that a roster had brought."""


@dataclass
class Changes:
    """Rows to write for one table."""

    created: list[Values] = field(default_factory=list)
    updated: list[Values] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.created or self.updated)


@dataclass
class Plan:
    """`school_id` is the only school the importing admin reaches; None is the whole district."""

    roster: Roster
    present: Present
    actor_id: UUID
    school_id: UUID | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    changes: dict[str, Changes] = field(default_factory=lambda: defaultdict(Changes))
    district_sourced_id: str | None = None
    """Set when the district gets its name by this import."""
    places: dict[str, UUID] = field(default_factory=dict)
    """Schools by their name in OneRoster."""
    sessions: dict[str, UUID] = field(default_factory=dict)
    courses: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Values] = field(default_factory=dict)
    """Everybody that classes and enrolments may name."""
    classes: dict[str, Values] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.problems += self.roster.problems
        for file in READ_FILES:
            if file.name in self.roster.modes:
                lost = sum(problem.file == f"{file.name}.csv" for problem in self.roster.problems)
                self.tallies[file.name] = Tally(skipped=lost)

    @property
    def is_for_district(self) -> bool:
        return self.school_id is None


def note(plan: Plan, file: File, row: Row, code: str) -> None:
    """Say what is wrong with a line."""
    plan.problems.append(Problem(f"{file.name}.csv", row.line, row.sourced_id, code, MESSAGES[code]))


def refuse(plan: Plan, file: File, row: Row, code: str) -> None:
    """Leave a line out and say why."""
    note(plan, file, row, code)
    plan.tallies[file.name].skipped += 1


def skip(plan: Plan, file: File) -> None:
    """Leave a line out that is none of our, or of this admin's, business."""
    plan.tallies[file.name].skipped += 1


def place(plan: Plan, file: File, known: Known | None, values: Values) -> UUID:
    """Note what a line becomes and return its id; `values` are all columns of its kind."""
    tally, changes = plan.tallies[file.name], plan.changes[file.name]
    if known is None:
        identifier = new_id()
        tally.created += 1
        changes.created.append({"id": identifier, **values})
        return identifier
    if known.values == values:
        tally.unchanged += 1
        return known.id
    if known.sourced_id is None:
        tally.linked += 1
    else:
        tally.updated += 1
    changes.updated.append({"id": known.id, **values})
    return known.id


def deactivate(plan: Plan, file: File, known: Known | None) -> None:
    """Note that a row is no longer in use; one that is not here, or was let go before, changes nothing."""
    tally = plan.tallies[file.name]
    if known is None or not known.is_active:
        tally.unchanged += 1
        return
    tally.deactivated += 1
    plan.changes[file.name].updated.append({"id": known.id, **known.values, "is_active": False})


def deactivate_unlisted(
    plan: Plan, file: File, register: Register, besides: Callable[[Known], bool] = lambda _known: False
) -> None:
    """A bulk file is all there is: what a roster brought and this one does not list goes out of use.

    `besides` says what is listed in another way.
    """
    tally = plan.tallies.get(file.name)
    if tally is None:
        return
    rostered = register.rostered()
    tally.before = len(rostered)
    if plan.roster.modes[file.name] is not Mode.BULK:
        return
    listed = {row.sourced_id for row in getattr(plan.roster, file.attribute)}
    listed |= {problem.sourced_id for problem in plan.roster.problems if problem.file == f"{file.name}.csv"}
    for known in rostered:
        is_listed = known.sourced_id in listed or known.id == plan.actor_id or besides(known)
        if not is_listed:
            deactivate(plan, file, known)


def excessive(plan: Plan, most_percent: int) -> dict[str, Tally]:
    """Return the files of which more than this share would go out of use."""
    return {
        name: tally
        for name, tally in plan.tallies.items()
        if tally.deactivated * 100 > tally.before * most_percent
    }
