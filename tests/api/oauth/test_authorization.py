"""The sign-in page: whom it sends where, and what it refuses to be used for."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.config import Settings
from core.consents import seal_birth_date
from core.ids import new_id
from core.keys import KeyRing
from core.models import User
from tests.api.oauth.conftest import AUTH, REDIRECT, SignInPage, answer_of, register_client
from tests.factories.user import actor_of, make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import StandingClock


async def test_signing_in_sends_a_code_to_the_application(page: SignInPage, settings: Settings) -> None:
    told = answer_of(await page.signed_in())
    assert set(told) == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == (page.asked["state"], settings.issuer)


async def test_the_page_is_plain_and_in_no_frame(page: SignInPage) -> None:
    shown = await page.opened()
    assert shown.headers["content-type"].startswith("text/html")
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert "<script" not in shown.text
    assert "Homework Planner" in shown.text
    assert shown.headers["cache-control"] == "no-store"


async def test_browsers_may_name_the_page_as_the_origin_of_its_form_and_go_on_to_the_application(
    page: SignInPage,
) -> None:
    """Under `no-referrer` a browser sends `Origin: null`; under a policy without the address it stays here."""
    shown = await page.opened()
    assert shown.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self' https://app.example;" in shown.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://app.example:8443/callback?tenant=1", "https://app.example:8443"),
        ("http://[::1]:4000/callback", "http:"),
        ("com.example.app:/callback", "com.example.app:"),
    ],
)
async def test_the_pages_policy_names_every_kind_of_address(
    page: SignInPage, rows: Session, address: str, source: str
) -> None:
    client = register_client(rows, f"other-{new_id().hex}", uris=[address])
    shown = await page.opened(client_id=client, redirect_uri=address)
    assert f"form-action 'self' {source};" in shown.headers["content-security-policy"]


async def test_the_pages_cookie_is_lax_and_goes_to_the_page_alone(page: SignInPage) -> None:
    cookie = (await page.opened()).headers["set-cookie"].lower()
    for attribute in ("httponly", "secure", "samesite=lax", f"path={AUTH}/authorize"):
        assert attribute in cookie


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": f"{REDIRECT}/more"},
        {"redirect_uri": f"{REDIRECT}?next=https://evil.example"},
        {"redirect_uri": "https://app.example.evil.example/callback"},
        {"redirect_uri": REDIRECT.upper()},
    ],
    ids=["unknown", "none", "no address", "foreign", "longer", "query", "look-alike", "case"],
)
async def test_nothing_is_sent_to_an_address_nobody_registered(
    page: SignInPage, changes: dict[str, Any]
) -> None:
    refused = await page.opened(**changes)
    assert refused.status_code == 400
    assert "Location" not in refused.headers
    assert "evil.example" not in refused.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
    ids=["implicit", "no challenge", "plain", "no method", "short challenge"],
)
async def test_a_request_that_is_not_pkce_comes_back_as_an_error(
    page: SignInPage, changes: dict[str, Any], error: str
) -> None:
    told = answer_of(await page.opened(**changes))
    assert (told["error"], told["state"]) == (error, page.asked["state"])


@pytest.mark.parametrize(
    "wrong", [{"password": "not it"}, {"email": "nobody@school.example"}, {"email": "no address"}]
)
async def test_a_wrong_password_and_an_unknown_address_read_alike(
    page: SignInPage, wrong: dict[str, str]
) -> None:
    again = await page.signed_in(**wrong)
    assert again.status_code == 401
    assert "The address or the password is wrong." in again.text


def student_born(moment: datetime | None, school: SchoolBench, rows: Session, keys: KeyRing) -> User:
    """A student who can sign in; without a birth date the school has brought them in."""
    student = school.student
    if moment is not None:
        tenant = actor_of(student).tenant
        student.birth_date_encrypted = seal_birth_date(keys.columns, moment.date(), tenant)
        rows.flush()
    make_identity(rows, student, keys)
    return student


async def test_no_application_signs_in_a_child_under_13(
    page: SignInPage, school: SchoolBench, rows: Session, keys: KeyRing, clock: StandingClock
) -> None:
    page.user = student_born(clock.now - timedelta(days=12 * 365), school, rows, keys)
    refused = await page.signed_in()
    assert refused.status_code == 403
    assert "not open to children under 13" in refused.text
    assert "Location" not in refused.headers
    assert (await page.decided(refused, "continue")).status_code == 401
    assert answer_of(await page.decided(refused, "cancel"))["error"] == "access_denied"


@pytest.mark.parametrize("grade_level", [None, 3, 7])
async def test_no_application_signs_in_a_rostered_student_who_may_be_under_13(
    page: SignInPage, school: SchoolBench, rows: Session, keys: KeyRing, grade_level: int | None
) -> None:
    page.user = student_born(None, school, rows, keys)
    page.user.grade_level = grade_level
    rows.flush()
    assert (await page.signed_in()).status_code == 403


@pytest.mark.parametrize("years", [None, 14])
async def test_applications_sign_in_students_for_whom_no_guardian_decides(
    page: SignInPage,
    school: SchoolBench,
    rows: Session,
    keys: KeyRing,
    clock: StandingClock,
    years: int | None,
) -> None:
    born = None if years is None else clock.now - timedelta(days=years * 366)
    page.user = student_born(born, school, rows, keys)
    page.user.grade_level = 9
    rows.flush()
    assert "code" in answer_of(await page.signed_in())


async def test_cancelling_tells_the_application(page: SignInPage) -> None:
    told = answer_of(await page.decided(await page.opened(), "cancel"))
    assert told["error"] == "access_denied"


async def test_whoever_signed_in_on_the_page_is_asked_and_need_not_sign_in_again(page: SignInPage) -> None:
    await page.signed_in()
    shown = await page.opened()
    assert f"Continue as {page.user.email}" in shown.text
    assert "password" not in shown.text
    assert "code" in answer_of(await page.decided(shown, "continue"))


async def test_another_account_can_be_used(page: SignInPage) -> None:
    await page.signed_in()
    shown = await page.decided(await page.opened(), "switch")
    assert page.user.email not in shown.text
    assert "password" in shown.text


async def test_the_page_forgets_whose_session_ended(page: SignInPage) -> None:
    await page.signed_in()
    everything = await page.api.signed_in(page.user).post(f"{AUTH}/logout-all")
    assert everything.status_code == 200
    assert page.user.email not in (await page.opened()).text


async def test_the_page_forgets_after_twelve_hours(page: SignInPage, clock: StandingClock) -> None:
    await page.signed_in()
    clock.advance(timedelta(hours=13))
    assert page.user.email not in (await page.opened()).text


async def test_a_form_of_another_browser_or_request_changes_nothing(page: SignInPage) -> None:
    await page.signed_in()
    shown = await page.opened()
    mine, page.cookie = page.cookie, ""
    assert (await page.decided(shown, "continue")).status_code == 403
    page.cookie = mine
    assert (await page.decided(shown, "continue", form_token="")).status_code == 403
    assert (await page.decided(shown, "continue", state="another")).status_code == 403
    assert (await page.decided(shown, "continue", code_challenge="A" * 43)).status_code == 403
    assert "code" in answer_of(await page.decided(shown, "continue"))


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_form_from_a_foreign_page_changes_nothing(page: SignInPage, origin: str) -> None:
    await page.signed_in()
    form = {**page.fields(await page.opened()), "decision": "continue"}
    headers = {"Cookie": page.cookie, "Origin": origin}
    assert (await page.api.anonymous.post(f"{AUTH}/authorize", data=form, headers=headers)).status_code == 403


async def test_what_the_application_sends_is_shown_as_text(page: SignInPage) -> None:
    shown = await page.opened(state='"><script>alert(1)</script>')
    assert "<script" not in shown.text
