"""Class lists put to work: what each row would do is decided first; a dry run stops there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from api.classes import queries
from api.classes.roster import Invitee, RosterDesk, give_places, has_open_code, invite
from api.classes.roster_files import ListedStudent, Mistake, harmless, read_class_list
from api.classes.roster_schemas import ImportedRow, RosterOutcome, RosterReport
from api.classes.service import find_taught_class
from api.uploads import Upload
from core.models import SchoolClass, User

_TWO_STUDENTS = Mistake("two_students", "The address and the sourced id are of two students.")
_UNKNOWN = Mistake("unknown_sourced_id", "No student of the school has this sourced id; add an address.")
_CODE_ENDED = Mistake("class_code_ended", "The class code is over; make a new one to invite by mail.")


@dataclass(frozen=True)
class Known:
    """What is known before the first row is looked at."""

    by_email: Mapping[str, User]
    by_sourced_id: Mapping[str, User]
    placed: frozenset[UUID]
    """Students who have an approved place."""
    can_invite: bool


@dataclass
class Plan:
    """What the rows come to."""

    rows: list[ImportedRow] = field(default_factory=list)
    added: list[UUID] = field(default_factory=list)
    invited: list[Invitee] = field(default_factory=list)


async def import_class_list(desk: RosterDesk, class_id: UUID, file: Upload, *, dry_run: bool) -> RosterReport:
    """Put the students of a list into the class and invite the unknown; rows with mistakes are left out.

    The number of statements does not depend on the number of rows. Raises NotFoundError, then what is wrong with
    the file: UnsupportedFileError, MissingFileError, MalformedClassListError.
    """
    school_class = await find_taught_class(desk.session, desk.actor, class_id)
    listed = read_class_list(file.read())
    plan = planned(listed, await _known(desk, school_class, listed))
    if not dry_run:
        await invite(desk, school_class, plan.invited)
        await give_places(desk, school_class, plan.added)
    counts = Counter(row.outcome for row in plan.rows)
    return RosterReport(dry_run=dry_run, counts=dict(counts), rows=plan.rows)


async def _known(desk: RosterDesk, school_class: SchoolClass, listed: Iterable[ListedStudent]) -> Known:
    good = [row for row in listed if row.mistake is None]
    emails = sorted({row.email for row in good if row.email})
    sourced_ids = sorted({row.sourced_id for row in good if row.sourced_id})
    statement = queries.named_students(desk.actor, school_class.school_id, emails, sourced_ids)
    students = list(await desk.session.scalars(statement))
    placed = await desk.session.scalars(queries.approved_students(desk.actor, school_class.id))
    return Known(
        by_email={student.email: student for student in students},
        by_sourced_id={student.sourced_id: student for student in students if student.sourced_id},
        placed=frozenset(placed),
        can_invite=has_open_code(school_class, desk.now),
    )


def planned(listed: Iterable[ListedStudent], known: Known) -> Plan:
    """Return what each row does; of rows that name the same student or address the first counts."""
    plan, seen = Plan(), set[object]()
    for row in listed:
        student, mistake = _student_of(row, known)
        who = row.email if student is None else student.id
        if mistake is not None:
            _note(plan, row, RosterOutcome.ERROR, mistake=mistake)
        elif who in seen:
            _note(plan, row, RosterOutcome.DUPLICATE, student)
        else:
            _place(plan, row, student, known)
            seen.add(who)
    return plan


def _student_of(row: ListedStudent, known: Known) -> tuple[User | None, Mistake | None]:
    """Return whom a row names: a student, an address that nobody has, or a mistake."""
    if row.mistake is not None:
        return None, row.mistake
    by_email = known.by_email.get(row.email or "")
    by_sourced_id = known.by_sourced_id.get(row.sourced_id or "")
    if by_email and by_sourced_id and by_email.id != by_sourced_id.id:
        return None, _TWO_STUDENTS
    student = by_sourced_id or by_email
    if student is not None:
        return student, None
    if row.email is None:
        return None, _UNKNOWN
    return None, None if known.can_invite else _CODE_ENDED


def _place(plan: Plan, row: ListedStudent, student: User | None, known: Known) -> None:
    if student is None:
        plan.invited.append(Invitee(row.email or "", row.name))
        _note(plan, row, RosterOutcome.INVITED)
    elif student.id in known.placed:
        _note(plan, row, RosterOutcome.ALREADY, student)
    else:
        plan.added.append(student.id)
        _note(plan, row, RosterOutcome.ADDED, student)


def _note(
    plan: Plan,
    row: ListedStudent,
    outcome: RosterOutcome,
    student: User | None = None,
    *,
    mistake: Mistake | None = None,
) -> None:
    plan.rows.append(
        ImportedRow(
            line=row.line,
            outcome=outcome,
            email=None if row.email is None else harmless(row.email),
            student_id=None if student is None else student.id,
            code=None if mistake is None else mistake.code,
            message=None if mistake is None else mistake.message,
        )
    )
