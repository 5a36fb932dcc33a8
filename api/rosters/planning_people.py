"""Who of a roster is here, who is new, and who may not become what the roster says."""

from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from api.rosters.columns import USERS
from api.rosters.grade_levels import grade_level
from api.rosters.plan import Plan, deactivate, deactivate_unlisted, note, place, refuse, skip
from api.rosters.register import Known, Values
from api.rosters.roster import Person, Roster
from api.schemas import MailAddress, PersonName
from core.tenancy import Role

_ROLES = {
    "student": Role.STUDENT,
    "teacher": Role.TEACHER,
    "administrator": Role.ADMIN,
    "districtAdministrator": Role.ADMIN,
    "siteAdministrator": Role.ADMIN,
    "systemAdministrator": Role.ADMIN,
    "principal": Role.ADMIN,
}
_NOT_HERE = {"aide", "counselor", "guardian", "parent", "proctor", "relative"}
"""Roles of OneRoster whose people have no account with us."""

NO_FAMILY_NAME = "-"
"""Stands for the family name of who has only one name: the column may not be empty."""

_mail_address: TypeAdapter[str] = TypeAdapter(MailAddress)
_person_name: TypeAdapter[str] = TypeAdapter(PersonName)


def address_of(row: Person) -> str:
    """Return the address a person signs in with: the e-mail, or a username that is one."""
    return (row.email or (row.username if "@" in row.username else "")).lower()


def addresses(roster: Roster) -> list[str]:
    """Every valid address of a roster, once, as it would be kept."""
    kept = (_kept(address_of(row)) for row in roster.people)
    return list(dict.fromkeys(address for address in kept if address is not None))


def _kept(address: str) -> str | None:
    """Return an address as accounts keep it; None when it is none."""
    try:
        return _mail_address.validate_python(address).lower()
    except ValidationError:
        return None


def plan_people(plan: Plan) -> None:
    """Plan the users of a roster."""
    for present in plan.present.people:
        _remember(plan, present.sourced_id or str(present.id), present.id, present.values)
    by_email = {known.values["email"]: known for known in plan.present.people}
    claimed: set[UUID | str] = set()
    for row in plan.roster.people:
        known = plan.present.people.find(row.sourced_id)
        if known is None:
            known = _unlinked(by_email.get(address_of(row)))
        _plan_person(plan, row, known, claimed)
    deactivate_unlisted(plan, USERS, plan.present.people)


def _unlinked(known: Known | None) -> Known | None:
    return known if known is not None and known.sourced_id is None else None


def _plan_person(plan: Plan, row: Person, known: Known | None, claimed: set[UUID | str]) -> None:
    if row.role in _NOT_HERE:
        skip(plan, USERS)
        return
    role = _ROLES.get(row.role)
    if role is None:
        refuse(plan, USERS, row, "unknown_role")
        return
    is_known_place, school_id = _school_of(plan, row, role)
    if not is_known_place:
        _refuse_place(plan, row)
    elif not row.is_active:
        _let_go(plan, row, known)
    else:
        _plan_active(plan, row, known, _wanted(row, role, school_id, known), claimed)


def _school_of(plan: Plan, row: Person, role: Role) -> tuple[bool, UUID | None]:
    """Return whether we know where a person belongs, and the school; an admin of none has the district."""
    schools = [plan.places[name] for name in row.organisations if name in plan.places]
    district = plan.district_sourced_id or plan.present.district_sourced_id
    is_of_district = role is Role.ADMIN and district is not None and district in row.organisations
    if is_of_district:
        return plan.is_for_district, None
    mine = [school_id for school_id in schools if plan.is_for_district or school_id == plan.school_id]
    return bool(mine), mine[0] if mine else None


def _refuse_place(plan: Plan, row: Person) -> None:
    if plan.is_for_district:
        refuse(plan, USERS, row, "orphan")
    else:
        skip(plan, USERS)  # another school's


def _wanted(row: Person, role: Role, school_id: UUID | None, known: Known | None) -> Values:
    family_name = "" if row.family_name == NO_FAMILY_NAME else row.family_name
    values: Values = {
        "sourced_id": row.sourced_id,
        "school_id": school_id,
        "role": role.value,
        "name": " ".join(f"{row.given_name} {family_name}".split()),
        "email": address_of(row),
        "grade_level": grade_level(row.grades) if role is Role.STUDENT else None,
        "is_active": row.is_enabled,
    }
    if known is not None:
        values |= {"email": known.values["email"]}
    return values


def _plan_active(
    plan: Plan, row: Person, known: Known | None, wanted: Values, claimed: set[UUID | str]
) -> None:
    reason = _name_problem(wanted) or (
        _address_problem(plan, wanted, claimed) if known is None else _clash(known, wanted, claimed)
    )
    if reason is not None:
        refuse(plan, USERS, row, reason)
        return
    if known is not None and address_of(row) not in {"", known.values["email"]}:
        note(plan, USERS, row, "email_differs")
    if known is not None and not row.is_enabled and known.is_active:
        _let_go(plan, row, known)
        return
    claimed |= {wanted["email"], known.id if known is not None else wanted["email"]}
    _remember(plan, row.sourced_id, place(plan, USERS, known, wanted), wanted)


def _name_problem(wanted: Values) -> str | None:
    try:
        _person_name.validate_python(wanted["name"])
    except ValidationError:
        return "bad_name"
    return None


def _address_problem(plan: Plan, wanted: Values, claimed: set[UUID | str]) -> str | None:
    if not wanted["email"]:
        return "email_missing"
    address = _kept(wanted["email"])
    if address is None or address in plan.present.unusable_emails:
        return "email_unusable"
    wanted["email"] = address
    return "duplicate_email" if address in claimed else None


def _clash(known: Known, wanted: Values, claimed: set[UUID | str]) -> str | None:
    if known.is_removed:
        return "removed"
    if known.id in claimed:
        return "duplicate_email"
    if known.values["role"] != wanted["role"]:
        return "role_conflict"
    return "school_conflict" if known.values["school_id"] != wanted["school_id"] else None


def _let_go(plan: Plan, row: Person, known: Known | None) -> None:
    if known is not None and known.id == plan.actor_id:
        refuse(plan, USERS, row, "yourself")
        return
    deactivate(plan, USERS, known)


def _remember(plan: Plan, name: str, user_id: UUID, values: Values) -> None:
    plan.people[name] = {"id": user_id, "role": values["role"], "school_id": values["school_id"]}
