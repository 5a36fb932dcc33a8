"""Under 13: the guardian is asked, decides by scope, and may take it back with the same link."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ops.housekeeping import delete_unanswered_consents
from tests.api.consents.conftest import YES, YES_TO_ALL, Family, years_before
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.user import make_student
from tests.fixtures.mail import text_of, token_in
from tests.fixtures.web import StandingClock


def standing(answer: dict[str, Any]) -> dict[str, str | None]:
    return {state["scope"]: state["decision"] for state in answer["scopes"]}


async def test_before_the_answer_only_the_name_the_guardian_and_the_class_are_kept(family: Family) -> None:
    assert data_of(await family.register(), 202) == {"status": "accepted"}
    (request,) = family.requests()
    assert request.child_name == "Ana Quillfeather"
    assert request.class_id == family.school.school_class.id
    assert family.guardian.encode() not in request.guardian_email_encrypted
    assert family.accounts() == []
    refusal_of(await family.sign_in(), 401, "invalid_credentials")
    everything = str([tuple(row) for row in family.requests()])
    assert family.child not in everything
    assert str(family.birth_date) not in everything.replace("datetime.date", "")


async def test_a_child_gets_the_answer_that_everybody_gets(family: Family) -> None:
    older = years_before(family.birth_date, 10)
    adult = await family.register(birth_date=str(older), email=f"older-{family.child}")
    child = await family.register()
    assert (child.status_code, child.content) == (adult.status_code, adult.content)


@pytest.mark.parametrize("guardian", [None, "the child's own", "the child's own, shouted"])
async def test_somebody_else_must_be_named_as_guardian(family: Family, guardian: str | None) -> None:
    addresses = {"the child's own": family.child, "the child's own, shouted": family.child.upper()}
    answer = await family.register(guardian_email=addresses.get(guardian or ""))
    assert refusal_of(answer, 422, "guardian_email_required")["field"] == "guardian_email"
    assert family.requests() == []


async def test_the_notice_tells_what_the_law_asks_for(family: Family) -> None:
    link = await family.asked()
    (mail,) = family.post.to(family.guardian)
    words = " ".join(text_of(mail).split())
    for needed in [
        "Ana Quillfeather would like to use Homeroom",
        "gave us your e-mail address",
        "If you do not answer within 14 days",
        "we delete all three",
        "Collection (collection)",
        "Automatic feedback (ai_processing)",
        "Disclosure to third parties (third_party_disclosure)",
        "You may allow the first and refuse the others",
        "take it back at any time",
        f"https://homeroom.example/consent#token={link}",
        "https://homeroom.example/privacy",
    ]:
        assert needed in words


async def test_the_link_shows_the_notice_and_that_nobody_has_decided(family: Family) -> None:
    notice = data_of(await family.read(await family.asked()))
    assert notice["child_name"] == "Ana Quillfeather"
    assert notice["status"] == "waiting"
    assert standing(notice) == dict.fromkeys(YES_TO_ALL)
    assert "Ana Quillfeather would like to use Homeroom" in notice["notice"]
    assert notice["notice_version"] == "2026-11"


async def test_a_granted_child_finishes_and_waits_for_the_teacher(family: Family) -> None:
    granted = data_of(await family.decide(await family.asked(), **YES))
    assert granted["status"] == "granted"
    await family.post.deliver()
    mailed = token_in(family.post.to(family.guardian)[-1])
    assert mailed == granted["registration_token"]
    assert data_of(await family.finish(mailed), 202) == {"status": "accepted"}
    (request,), (account,) = family.requests(), family.accounts()
    assert (request.status, request.child_name) == ("completed", None)
    assert (account.id, account.name, account.status) == (request.id, "Ana Quillfeather", "active")
    assert str(family.birth_date).encode() not in account.birth_date_encrypted
    profile = data_of(await (await family.signed_in()).get("/api/v1/users/me"))
    assert profile["email"] == family.child
    assert "birth_date" not in str(profile)
    path = f"/api/v1/classes/{family.school.school_class.id}/enrollments?status=pending"
    places = items_of(await family.api.signed_in(family.school.teacher).get(path))
    assert family.child in {place["student_email"] for place in places}


async def test_each_decision_is_kept_with_version_method_basis_and_time(
    family: Family, clock: StandingClock
) -> None:
    link = await family.arrived(collection="granted", ai_processing="granted")
    clock.advance(timedelta(minutes=1))
    data_of(await family.decide(link, ai_processing="declined"))
    kept = [(row.scope, row.decision) for row in family.decisions()]
    assert kept == [("collection", "granted"), ("ai_processing", "granted"), ("ai_processing", "revoked")]
    for row in family.decisions():
        assert (row.notice_version, row.method, row.basis) == ("2026-11", "email_link", "parent")
        assert row.decided_by is None
    assert family.decisions()[-1].decided_at == clock.now
    audited = text(
        "SELECT action FROM app.audit_events WHERE subject_id = :child AND object_type = 'consent'"
    )
    (account,) = family.accounts()
    actions = list(family.rows.execute(audited, {"child": account.id}).scalars())
    assert sorted(actions) == ["consent_granted", "consent_granted", "consent_revoked"]


async def test_the_same_word_again_changes_nothing_and_mails_nothing(family: Family) -> None:
    link = await family.arrived()
    await family.post.deliver()
    before = len(family.decisions()), len(family.post.to(family.guardian))
    data_of(await family.decide(link, **YES))
    await family.post.deliver()
    assert (len(family.decisions()), len(family.post.to(family.guardian))) == before


async def test_every_change_is_confirmed_to_the_guardian(family: Family) -> None:
    link = await family.arrived()
    data_of(await family.decide(link, ai_processing="granted"))
    await family.post.deliver()
    words = text_of(family.post.to(family.guardian)[-1])
    assert "Automatic feedback: granted" in words
    assert f"/consent#token={link}" in words
    assert "/register/child" not in words


async def test_a_no_to_the_collection_deletes_the_request_and_its_links(family: Family) -> None:
    link = await family.asked()
    answer = data_of(await family.decide(link, collection="declined"))
    assert (answer["status"], answer["registration_token"]) == ("deleted", None)
    assert family.requests() == []
    assert [row.decision for row in family.decisions()] == ["declined"]
    refusal_of(await family.read(link), 404, "invalid_link")
    refusal_of(await family.decide(link, **YES), 404, "invalid_link")
    await family.post.deliver()
    assert "We have deleted" in str(family.post.to(family.guardian)[-1]["Subject"])


async def test_a_yes_taken_back_before_the_child_came_deletes_the_request(family: Family) -> None:
    link = await family.asked()
    token = data_of(await family.decide(link, **YES))["registration_token"]
    assert data_of(await family.decide(link, collection="revoked"))["status"] == "deleted"
    refusal_of(await family.finish(token), 404, "invalid_link")
    assert family.accounts() == []


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ({"ai_processing": "granted"}, "collection_undecided"),
        ({"collection": "declined", "ai_processing": "granted"}, "collection_not_granted"),
    ],
    ids=["nothing about the collection", "a yes that needs the collection"],
)
async def test_nothing_is_granted_without_the_collection(
    family: Family, decisions: dict[str, str], code: str
) -> None:
    refusal_of(await family.decide(await family.asked(), **decisions), 422, code)
    assert family.decisions() == []


@pytest.mark.parametrize(
    "decisions", [{}, {"advertising": "granted"}, {"collection": "maybe"}], ids=["none", "scope", "word"]
)
async def test_unknown_scopes_and_words_are_named(family: Family, decisions: dict[str, str]) -> None:
    answer = await family.decide("any-link", **decisions)
    assert str(fields_of(answer)[0]).startswith("decisions")


async def test_a_revoked_collection_ends_the_sessions_at_once_and_a_new_yes_opens_again(
    family: Family,
) -> None:
    link = await family.arrived()
    child = await family.signed_in()
    data_of(await child.get("/api/v1/users/me"))
    data_of(await family.decide(link, collection="revoked"))
    refusal_of(await child.get("/api/v1/users/me"), 401, "session_ended")
    refusal_of(await family.sign_in(), 403, "guardian_consent_required")
    assert family.accounts()[0].status == "awaiting_consent"
    data_of(await family.decide(link, **YES))
    data_of(await (await family.signed_in()).get("/api/v1/users/me"))


async def test_unanswered_requests_are_deleted_with_their_links(family: Family, clock: StandingClock) -> None:
    link = await family.asked()
    clock.advance(timedelta(days=14))
    family.post.workplace.use()
    await delete_unanswered_consents(timestamp=int((clock.now - timedelta(minutes=1)).timestamp()))
    assert len(family.requests()) == 1
    refusal_of(await family.read(link), 404, "invalid_link")
    await delete_unanswered_consents(timestamp=int(clock.now.timestamp()))
    assert family.requests() == []
    sweep = text("SELECT tokens FROM auth.sweep(:moment)")
    family.rows.execute(sweep, {"moment": clock.now + timedelta(days=2)})
    left = text(
        "SELECT count(*) FROM auth.mailed_tokens WHERE purpose = 'consent' AND district_id = :district"
    )
    district = family.school.school.district_id
    assert family.rows.execute(left, {"district": district}).scalar_one() == 0


async def test_a_granted_request_no_child_comes_back_for_is_deleted_too(
    family: Family, clock: StandingClock
) -> None:
    link = await family.asked()
    clock.advance(timedelta(days=13))
    token = data_of(await family.decide(link, **YES))["registration_token"]
    clock.advance(timedelta(days=14))
    family.post.workplace.use()
    await delete_unanswered_consents(timestamp=int(clock.now.timestamp()))
    assert family.requests() == []
    refusal_of(await family.finish(token), 404, "invalid_link")
    refusal_of(await family.read(link), 404, "invalid_link")
    family.rows.execute(text("SELECT auth.sweep(:moment)"), {"moment": clock.now + timedelta(days=2)})
    left = text(
        "SELECT count(*) FROM auth.mailed_tokens WHERE purpose = 'consent' AND district_id = :district"
    )
    district = family.school.school.district_id
    assert family.rows.execute(left, {"district": district}).scalar_one() == 0


async def test_the_guardians_link_outlives_the_time_to_answer(family: Family, clock: StandingClock) -> None:
    link = await family.arrived()
    clock.advance(timedelta(days=365 * 3))
    notice = data_of(await family.read(link))
    assert (notice["status"], notice["answer_by"]) == ("completed", None)


async def test_the_same_wish_again_is_one_request_with_a_fresh_link(
    family: Family, clock: StandingClock
) -> None:
    first = await family.asked()
    (before,) = family.requests()
    clock.advance(timedelta(days=2))
    second = await family.asked()
    assert first != second
    assert [(row.id, row.expires_at) for row in family.requests()] == [(before.id, before.expires_at)]
    refusal_of(await family.read(first), 404, "invalid_link")


async def test_a_name_cannot_write_paragraphs_into_the_guardians_mail(family: Family) -> None:
    refused = await family.register(name="Ana\n\nhttps://evil.example/prize\n\n<b>Click</b>")
    assert fields_of(refused) == ["name"]
    await family.post.deliver()
    assert family.post.to(family.guardian) == []


async def test_links_and_tokens_of_one_kind_do_not_open_the_other(family: Family) -> None:
    link = await family.asked()
    refusal_of(await family.finish(link), 404, "invalid_link")
    token = data_of(await family.decide(link, **YES))["registration_token"]
    refusal_of(await family.read(token), 404, "invalid_link")
    refusal_of(await family.read("never-made"), 404, "invalid_link")


async def test_a_child_finishes_once(family: Family) -> None:
    token = data_of(await family.decide(await family.asked(), **YES))["registration_token"]
    data_of(await family.finish(token), 202)
    refusal_of(await family.finish(token, email=f"again-{family.child}"), 404, "invalid_link")
    assert len(family.accounts()) == 1


async def test_a_taken_address_gets_the_same_answer_and_the_child_may_try_another(family: Family) -> None:
    somebody = make_student(family.rows, family.school.school)
    known = f"known-{family.child}"
    family.rows.execute(
        text("UPDATE auth.identities SET email_index = :index WHERE user_id = :id"),
        {"index": family.post.workplace.ring.email_index(known), "id": somebody.id},
    )
    token = data_of(await family.decide(await family.asked(), **YES))["registration_token"]
    taken = await family.finish(token, email=known)
    assert family.requests()[0].status == "granted"
    free = await family.finish(token)
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    assert len(family.accounts()) == 1


async def test_a_child_cannot_take_the_guardians_address(family: Family) -> None:
    token = data_of(await family.decide(await family.asked(), **YES))["registration_token"]
    answer = await family.finish(token, email=family.guardian.upper())
    refusal_of(answer, 422, "guardian_email_required")


async def test_a_child_cannot_have_grown_past_13_while_the_guardian_answered(family: Family) -> None:
    granted = data_of(await family.decide(await family.asked(), collection="granted"))
    older = str(years_before(family.birth_date.replace(year=family.birth_date.year + 10), 14))
    refused = await family.finish(granted["registration_token"], birth_date=older)
    refusal_of(refused, 422, "not_a_child")
    assert family.accounts() == []
    data_of(await family.finish(granted["registration_token"]), 202)
