"""Class lists put to work: a dry run says what will be, applying does just that."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.user import make_student
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.web import Api

CSV = {"Content-Type": "text/csv; charset=utf-8"}


def url_of(school: SchoolBench) -> str:
    return f"/api/v1/classes/{school.school_class.id}/roster/import"


async def send(api: Api, school: SchoolBench, content: str | bytes, **options: Any) -> httpx2.Response:
    headers = {**CSV, **options.pop("headers", {})}
    client = api.signed_in(school.teacher)
    return await client.post(url_of(school), content=content, headers=headers, params=options)


def mails(rows: Session, school: SchoolBench) -> int:
    statement = text(
        "SELECT count(*) FROM app.outgoing_mails WHERE school_id = :id AND template = 'class_invitation'"
    )
    return int(rows.execute(statement, {"id": school.school.id}).scalar_one())


def brief(report: dict[str, Any]) -> list[tuple[int, str, str | None]]:
    return [(row["line"], row["outcome"], row["code"]) for row in report["rows"]]


async def test_a_dry_run_writes_nothing_and_applying_does_exactly_what_it_said(
    api: Api, bench: DistrictBench, rows: Session, post: Post
) -> None:
    school, sister = bench.schools
    known = make_student(rows, school.school)
    known.sourced_id = f"sis-{new_id().hex}"
    rows.commit()
    stranger = f"{new_id().hex}@school.example"
    content = "\n".join(
        [
            "name,email,grade_level,sourced_id",
            f"Known,{known.email},9,",
            f"Placed,{school.student.email},9,",
            f"Waiting,{school.newcomer.email},9,",
            f"Stranger,{stranger},9,",
            f"Elsewhere,{sister.student.email},9,",
            f"Stranger again,{stranger.upper()},9,",
            f"Known by id,,9,{known.sourced_id}",
            "=cmd(),=nobody,9,",
            f"Two,{school.student.email},9,{known.sourced_id}",
            "Nobody,,9,no-such-id",
        ]
    )
    expected = [
        (2, "added", None),
        (3, "already", None),
        (4, "added", None),
        (5, "invited", None),
        (6, "invited", None),
        (7, "duplicate", None),
        (8, "duplicate", None),
        (9, "error", "invalid_email"),
        (10, "error", "two_students"),
        (11, "error", "unknown_sourced_id"),
    ]
    dry = data_of(await send(api, school, content, dry_run=True))
    assert brief(dry) == expected
    assert (mails(rows, school), dry["dry_run"]) == (0, True)
    assert dry["rows"][7]["email"] == "'=nobody"
    wet = data_of(await send(api, school, content))
    assert {**wet, "dry_run": True} == dry
    assert wet["counts"] == {"added": 2, "already": 1, "invited": 2, "duplicate": 2, "error": 3}
    roster = items_of(
        await api.signed_in(school.teacher).get(f"/api/v1/classes/{school.school_class.id}/roster")
    )
    assert {str(known.id), str(school.newcomer.id)} <= {place["student_id"] for place in roster}
    assert mails(rows, school) == 2
    await post.deliver()
    assert len(post.to(stranger)) == 1
    assert brief(data_of(await send(api, school, content)))[0] == (2, "already", None)


async def test_a_file_of_a_form_is_a_file(api: Api, school: SchoolBench, rows: Session) -> None:
    student = make_student(rows, school.school)
    content = f"email\n{student.email}\n".encode()
    client = api.signed_in(school.teacher)
    answer = await client.post(url_of(school), files={"file": ("list.csv", content, "text/csv")})
    assert brief(data_of(answer)) == [(2, "added", None)]


async def test_a_form_without_the_file_and_other_types_are_refused(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.teacher)
    wrong_name = await client.post(url_of(school), files={"list": ("list.csv", b"email\n", "text/csv")})
    refusal_of(wrong_name, 422, "missing_file")
    refusal_of(await client.post(url_of(school), json={"email": "x"}), 415, "unsupported_media_type")
    refusal_of(await client.post(url_of(school)), 415, "unsupported_media_type")
    damaged = await client.post(
        url_of(school), content=b"--x\r\nnothing", headers={"Content-Type": "multipart/form-data"}
    )
    assert 400 <= damaged.status_code < 500


async def test_a_file_that_is_no_list_changes_nothing(api: Api, school: SchoolBench, rows: Session) -> None:
    student = make_student(rows, school.school)
    content = f'email\n{student.email}\n"open\n'
    refused = refusal_of(await send(api, school, content), 422, "malformed_class_list")
    assert (refused["field"], "Line 3" in refused["message"]) == ("file", True)
    assert (await api.signed_in(student).get(f"/api/v1/classes/{school.school_class.id}")).status_code == 404


async def test_a_megabyte_is_too_much(api: Api, school: SchoolBench) -> None:
    refusal_of(await send(api, school, b"email\n" + b"x" * 1024 * 1024), 413, "too_large")


async def test_a_list_for_somebody_elses_class_is_not_even_read(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.other_teacher)
    for content in (b"email\na@b.example\n", b"\xff"):
        refusal_of(await client.post(url_of(school), content=content, headers=CSV), 404, "not_found")


async def test_without_an_open_code_nobody_is_invited_and_the_dry_run_says_so(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    ended = {"expires_at": "2020-01-01T00:00:00Z"}
    url = f"/api/v1/classes/{school.school_class.id}/code"
    data_of(await api.signed_in(school.teacher).post(url, json=ended))
    content = "email\nnobody@school.example\n"
    reports = [data_of(await send(api, school, content, dry_run=dry)) for dry in (True, False)]
    assert [brief(report) for report in reports] == [[(2, "error", "class_code_ended")]] * 2
    assert mails(rows, school) == 0


async def test_sending_it_again_with_its_key_mails_nobody_twice(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    key = {"Idempotency-Key": new_id().hex}
    content = f"email\n{new_id().hex}@school.example\n"
    first, again = [await send(api, school, content, headers=key) for _ in range(2)]
    assert first.content == again.content
    assert mails(rows, school) == 1


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "applied"])
async def test_a_long_list_costs_as_many_statements_as_a_short_one(
    api: Api, school: SchoolBench, rows: Session, statements: StatementCounter, dry_run: bool
) -> None:
    costs = []
    for count in (1, 40):
        emails = [make_student(rows, school.school).email for _ in range(count)]
        emails += [f"{new_id().hex}@school.example" for _ in range(count)]
        with statements.counting() as seen:
            report = data_of(await send(api, school, "\n".join(["email", *emails]), dry_run=dry_run))
        assert report["counts"] == {"added": count, "invited": count}
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 14, costs
