"""Banks: a teacher's own, readable by colleagues when shared, and changed by nobody else."""

from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.api.question_banks.requests import BANKS, CHOICE, add, new_bank
from tests.factories.question_bank import make_bank
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api


async def test_a_new_bank_is_private_and_empty(api: Api, school: SchoolBench) -> None:
    bank = await new_bank(api, school, subject="Mathematics")
    read = data_of(await api.signed_in(school.teacher).get(bank))
    assert (read["name"], read["subject"], read["is_shared"]) == ("Fractions", "Mathematics", False)
    assert (read["owner_id"], read["question_count"]) == (str(school.teacher.id), 0)


async def test_a_shared_bank_is_read_by_colleagues_and_changed_by_its_owner(
    api: Api, school: SchoolBench
) -> None:
    bank = await new_bank(api, school, is_shared=True)
    question = await add(api, school, bank, CHOICE)
    colleague = api.signed_in(school.other_teacher)
    assert data_of(await colleague.get(bank))["question_count"] == 1
    assert items_of(await colleague.get(f"{bank}/questions"))[0]["id"] == question["id"]
    assert data_of(await colleague.get(f"{bank}/questions/{question['id']}"))["correct_option"] == "b"
    refusal_of(await colleague.patch(bank, json={"name": "Mine"}), 404)
    refusal_of(await colleague.delete(bank), 404)
    refusal_of(await colleague.post(f"{bank}/questions", json=CHOICE), 404)
    refusal_of(await colleague.delete(f"{bank}/questions/{question['id']}"), 404)


async def test_sharing_ends_when_the_owner_says_so(api: Api, school: SchoolBench) -> None:
    bank = await new_bank(api, school, is_shared=True)
    data_of(await api.signed_in(school.teacher).patch(bank, json={"is_shared": False}))
    refusal_of(await api.signed_in(school.other_teacher).get(bank), 404)


async def test_the_list_holds_own_and_shared_banks(api: Api, school: SchoolBench, rows: Session) -> None:
    own = {str(school.bank.id), str(make_bank(rows, school.teacher).id)}
    theirs = str(make_bank(rows, school.other_teacher, is_shared=True).id)
    make_bank(rows, school.other_teacher)
    teacher = api.signed_in(school.teacher)
    for query, expected in ({}, own | {theirs}), ({"mine": "true"}, own), ({"mine": "false"}, {theirs}):
        listed = items_of(await teacher.get(BANKS, params=query))
        assert {bank["id"] for bank in listed} == expected, query


async def test_the_list_is_cut_by_subject_and_into_pages(api: Api, school: SchoolBench) -> None:
    wanted = [(await new_bank(api, school, subject="Art")).rpartition("/")[2] for _ in range(3)]
    teacher, seen, cursor = api.signed_in(school.teacher), [], None
    for _ in range(3):
        query = {"subject": "Art", "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = data_of(await teacher.get(BANKS, params=query))
        seen += [bank["id"] for bank in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (wanted, None)


async def test_what_is_left_out_of_a_change_stays(api: Api, school: SchoolBench) -> None:
    bank = await new_bank(api, school, subject="Art", description="For June")
    changed = data_of(await api.signed_in(school.teacher).patch(bank, json={"description": None}))
    assert (changed["name"], changed["subject"], changed["description"]) == ("Fractions", "Art", None)


async def test_a_bank_keeps_its_name(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    bank = await new_bank(api, school)
    for body in ({"name": None}, {"name": " "}, {"is_shared": None}):
        assert fields_of(await teacher.patch(bank, json=body)) == list(body)


async def test_a_deleted_bank_is_gone_with_its_questions(api: Api, school: SchoolBench) -> None:
    bank = await new_bank(api, school, is_shared=True)
    question = await add(api, school, bank, CHOICE)
    data_of(await api.signed_in(school.teacher).delete(bank))
    for reader in (school.teacher, school.other_teacher, school.admin):
        for url in (bank, f"{bank}/questions", f"{bank}/questions/{question['id']}"):
            refusal_of(await api.signed_in(reader).get(url), 404)


async def test_a_repeated_request_makes_one_bank(api: Api, school: SchoolBench) -> None:
    teacher, key = api.signed_in(school.teacher), {"Idempotency-Key": "bank-1"}
    made = [
        data_of(await teacher.post(BANKS, json={"name": "Once", "subject": "Once"}, headers=key), 201)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(items_of(await teacher.get(BANKS, params={"subject": "Once"}))) == 1
