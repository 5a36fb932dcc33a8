"""People are found by how their names begin, and only by those who may know them."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.models import ClassEnrollment, EnrollmentStatus, School, SchoolClass, User, UserStatus
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import DistrictBench, SchoolBench, make_district_bench
from tests.fixtures.web import Api

USERS = "/api/v1/users"


async def found(api: Api, reader: User, query: str, **filters: Any) -> list[str]:
    parameters = {"query": query, "limit": 100, **filters}
    return [person["id"] for person in items_of(await api.signed_in(reader).get(USERS, params=parameters))]


def call(rows: Session, user: User, name: str) -> User:
    user.name = name
    rows.flush()
    return user


def pupil(rows: Session, place: SchoolClass | School, name: str) -> User:
    """A student with a place in a class, or in a school only."""
    if isinstance(place, School):
        return call(rows, make_student(rows, place), name)
    school = rows.get_one(School, (place.district_id, place.school_id))
    student = call(rows, make_student(rows, school), name)
    make_enrollment(rows, place, student)
    return student


NAMES = {
    "Zoë Müller-Ünal": ["zoe", "ZOË", "zo", "müller", "mu", "unal", "müller-ü", "zoe unal", "unal, zoe"],
    "Søren Łukasz Weiß": ["soren", "Søren lukasz", "weiss", "WEISS", "weiß"],
    "Жуков Пётр": ["жуков", "ЖУКОВ", "петр", "Пётр ж"],
    "O’Brien 李小龙": ["o'brien", "brien", "李", "O’B"],
    "İpek Ğülşen": ["ipek", "gulsen", "Ğül"],
    "Zoe\u0308 Combining": ["zoë", "Zoe\u0308"],
}


@pytest.mark.parametrize(
    ("name", "query"), [pytest.param(name, query, id=ascii(query)) for name in NAMES for query in NAMES[name]]
)
async def test_accents_and_case_do_not_matter(
    api: Api, school: SchoolBench, rows: Session, name: str, query: str
) -> None:
    student = call(rows, school.student, name)
    assert await found(api, school.teacher, query) == [str(student.id)]


@pytest.mark.parametrize("query", ["oe", "ler", "zoe x", "zoe zoë muller b", "zoemuller", "nal"])
async def test_what_is_not_the_beginning_of_a_word_finds_nobody(
    api: Api, school: SchoolBench, rows: Session, query: str
) -> None:
    call(rows, school.student, "Zoë Müller-Ünal")
    assert await found(api, school.teacher, query) == []


async def test_an_address_is_found_by_its_beginning(api: Api, school: SchoolBench) -> None:
    address = school.student.email
    for query in (
        address,
        address.upper(),
        address[:30],
        f" {address[:32]} ",
    ):  # twenty signs are a moment, not a person
        assert await found(api, school.teacher, query) == [str(school.student.id)]


@pytest.mark.parametrize("query", ["%", "_", "'", "\\", "*", "😀", "%%%", "' OR 1=1 --", "x" * 200, "@"])
async def test_signs_are_looked_for_and_never_obeyed(api: Api, school: SchoolBench, query: str) -> None:
    assert await found(api, school.admin, query) == []


async def test_a_letter_finds_all_who_begin_with_it(api: Api, school: SchoolBench, rows: Session) -> None:
    for student, name in (
        (school.student, "Quentin"),
        (school.classmate, "Ada Quist"),
        (school.newcomer, "Ada"),
    ):
        call(rows, student, name)
    assert await found(api, school.teacher, "q") == [str(school.student.id), str(school.classmate.id)]


@pytest.mark.parametrize("query", ["", "   "])
async def test_an_empty_search_finds_everybody_in_reach(api: Api, school: SchoolBench, query: str) -> None:
    everybody = {str(user.id) for user in school.users}
    assert set(await found(api, school.admin, query)) == everybody


async def test_a_query_has_an_end(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.teacher)
    assert fields_of(await client.get(USERS, params={"query": "x" * 201})) == ["query"]
    assert fields_of(await client.get(USERS, params={"query": "nul\x00"})) == ["query"]
    refusal_of(await client.get(USERS, params={"query": "a " * 9}), 422, "too_many_words")


async def test_a_changed_name_is_found_by_the_new_one_only(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    call(rows, school.student, "Before")
    call(rows, school.student, "After")
    assert await found(api, school.teacher, "before") == []
    assert await found(api, school.teacher, "after") == [str(school.student.id)]


@pytest.fixture
def elsewhere(rows: Session) -> DistrictBench:
    """Another district, in which everybody is called Namesake."""
    district = make_district_bench(rows)
    for user in district.users:
        call(rows, user, "Namesake Doe")
    return district


@pytest.fixture
def namesakes(rows: Session, bench: DistrictBench, elsewhere: DistrictBench) -> dict[str, str]:
    """One Namesake in every place somebody could look."""
    school, sister = bench.schools
    places: dict[str, SchoolClass | School] = {
        "class": school.school_class,
        "other class": school.other_class,
        "school": school.school,
        "sister school": sister.school,
        "sister's class": sister.school_class,
    }
    people = {place: str(pupil(rows, where, "Namesake Doe").id) for place, where in places.items()}
    people["asking"] = str(call(rows, school.newcomer, "Namesake Doe").id)
    for name, status in (("rejected", EnrollmentStatus.REJECTED), ("removed", EnrollmentStatus.REMOVED)):
        student = pupil(rows, school.school, "Namesake Doe")
        make_enrollment(rows, school.school_class, student, status)
        people[name] = str(student.id)
    people["colleague"] = str(call(rows, school.other_teacher, "Namesake Doe").id)
    return people


OWN_SCHOOL = {"class", "other class", "school", "asking", "rejected", "removed", "colleague"}


@pytest.mark.parametrize(
    ("reader", "places"),
    [
        ("teacher", {"class", "asking"}),
        ("school admin", OWN_SCHOOL),
        ("district admin", OWN_SCHOOL | {"sister school", "sister's class"}),
        ("admin of the sister", {"sister school", "sister's class"}),
        ("teacher of the sister", {"sister's class"}),
    ],
)
async def test_namesakes_out_of_reach_are_never_found(
    *, api: Api, bench: DistrictBench, namesakes: dict[str, str], reader: str, places: set[str]
) -> None:
    school, sister = bench.schools
    readers = {
        "teacher": school.teacher,
        "school admin": school.admin,
        "district admin": bench.admin,
        "admin of the sister": sister.admin,
        "teacher of the sister": sister.teacher,
    }
    expected = {namesakes[place] for place in places}
    assert set(await found(api, readers[reader], "namesake doe")) == expected
    for place, user_id in namesakes.items():
        answer = await api.signed_in(readers[reader]).get(f"{USERS}/{user_id}")
        assert answer.status_code == (200 if place in places else 404), place


async def test_another_district_finds_its_own_namesakes_only(
    api: Api, namesakes: dict[str, str], elsewhere: DistrictBench
) -> None:
    for user in (elsewhere.admin, elsewhere.schools[0].admin, elsewhere.schools[0].teacher):
        ids = set(await found(api, user, "namesake"))
        assert ids
        assert not ids & set(namesakes.values())
        assert ids <= {str(person.id) for person in elsewhere.users}


async def test_a_student_may_not_search(api: Api, school: SchoolBench) -> None:
    refusal_of(await api.signed_in(school.student).get(USERS), 403, "forbidden")


async def test_a_student_reads_their_own_record_and_no_classmates(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.student)
    assert data_of(await client.get(f"{USERS}/{school.student.id}")) == {
        "id": str(school.student.id),
        "school_id": str(school.school.id),
        "role": "student",
        "name": school.student.name,
        "email": school.student.email,
        "grade_level": 5,
        "status": "active",
    }
    refusal_of(await client.get(f"{USERS}/{school.classmate.id}"), 404, "not_found")


async def test_a_teacher_reads_their_own_record_and_no_colleagues(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.teacher)
    assert data_of(await client.get(f"{USERS}/{school.teacher.id}"))["role"] == "teacher"
    refusal_of(await client.get(f"{USERS}/{school.other_teacher.id}"), 404, "not_found")


async def test_a_school_admin_does_not_find_the_admin_of_the_district(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    call(rows, bench.admin, "Namesake Doe")
    admin = bench.schools[0].admin
    assert await found(api, admin, "namesake") == []
    refusal_of(await api.signed_in(admin).get(f"{USERS}/{bench.admin.id}"), 404, "not_found")


async def test_a_deleted_person_and_a_deleted_class_are_gone(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    call(rows, school.student, "Gone")
    school.student.deleted_at = school.student.created_at
    rows.flush()
    assert await found(api, school.admin, "gone") == []
    school.school_class.deleted_at = school.school_class.created_at
    rows.flush()
    assert await found(api, school.teacher, "") == []


async def test_roles_and_states_narrow_a_search(
    api: Api, bench: DistrictBench, school: SchoolBench, rows: Session
) -> None:
    school.newcomer.status = UserStatus.DISABLED
    rows.flush()
    assert await found(api, school.admin, "", role="admin") == [str(school.admin.id)]
    assert await found(api, school.admin, "", status="disabled") == [str(school.newcomer.id)]
    assert await found(api, school.admin, "", status="disabled", role="teacher") == []
    assert await found(api, school.teacher, "", role="teacher") == []
    assert len(await found(api, bench.admin, "", role="teacher")) == 4
    assert fields_of(await api.signed_in(school.admin).get(USERS, params={"role": "parent"})) == ["role"]


async def test_pages_hold_everybody_once(api: Api, school: SchoolBench, rows: Session) -> None:
    wanted = [str(pupil(rows, school.school_class, f"Paged {number}").id) for number in range(7)]
    seen, cursor = [], None
    while True:
        parameters = {"query": "paged", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = data_of(await api.signed_in(school.teacher).get(USERS, params=parameters))
        seen += [person["id"] for person in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == wanted


async def test_a_search_costs_the_same_whatever_it_finds(
    api: Api, school: SchoolBench, rows: Session, statements: StatementCounter
) -> None:
    client = api.signed_in(school.teacher)
    data_of(await client.get(f"{USERS}/me"))  # whether the session lives is remembered from here on
    costs = []
    for size in (1, 20):
        for _ in range(size):
            pupil(rows, school.school_class, "Counted Doe")
        with statements.counting() as seen:
            assert items_of(await client.get(USERS, params={"query": "counted doe"}))
        costs.append(len(seen))
    assert costs == [3, 3]  # the tenant, the people, the trail


async def test_one_person_costs_three_statements(
    api: Api, school: SchoolBench, statements: StatementCounter
) -> None:
    client = api.signed_in(school.teacher)
    data_of(await client.get(f"{USERS}/me"))
    with statements.counting() as seen:
        data_of(await client.get(f"{USERS}/{school.student.id}"))
    assert len(seen) == 3


async def test_enrollment_decides_who_is_in_reach(api: Api, school: SchoolBench, rows: Session) -> None:
    place = rows.get_one(ClassEnrollment, (school.pending.district_id, school.pending.id))
    assert str(school.newcomer.id) in await found(api, school.teacher, "")
    place.status = EnrollmentStatus.REJECTED
    rows.flush()
    assert str(school.newcomer.id) not in await found(api, school.teacher, "")
