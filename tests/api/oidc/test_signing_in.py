"""Signing in through an identity provider: who gets in, and every way in which nobody may."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.oidc.providers import IdentityProviders
from core.config import OidcProvider, Settings
from core.ids import new_id
from core.keys import KeyRing
from core.models import User
from tests.api.envelopes import data_of, refusal_of
from tests.factories.user import make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.oidc import NAME, ProviderProcess
from tests.fixtures.web import Api, StandingClock

OIDC = f"/api/v1/auth/oidc/{NAME}"
RETURN_TO = "http://localhost:8000/docs"
PAGE = {"X-Client": "browser", "Origin": "http://localhost:8000"}


@pytest.fixture
def provider(app: FastAPI, oidc_provider: ProviderProcess) -> Iterator[ProviderProcess]:
    """The provider, known to the application, its tokens as old as the application's clock."""
    before = app.state.identity_providers
    trust(app, oidc_provider)
    yield oidc_provider
    app.state.identity_providers = before


def trust(app: FastAPI, provider: ProviderProcess, **changes: Any) -> None:
    configured = OidcProvider.model_validate({**provider.settings, **changes})
    app.state.identity_providers = IdentityProviders([configured])


class Visit:
    """One browser on its way through the provider and back."""

    def __init__(self, api: Api, provider: ProviderProcess, app: FastAPI) -> None:
        self.api = api
        self.provider = provider
        self.now = int(app.state.clock().timestamp())
        self.subject = new_id().hex
        self.email = f"{self.subject}@school.example"
        self.authorization_url = ""
        self.cookie = ""

    def claims(self, **changes: Any) -> dict[str, Any]:
        person = {"sub": self.subject, "email": self.email, "email_verified": True, "name": "Ada Quill"}
        return {**person, **changes}

    async def begins(self, body: dict[str, Any] | None = None) -> None:
        if body is None:
            answer = await self.api.anonymous.get(f"{OIDC}/start", params={"return_to": RETURN_TO})
            assert answer.status_code == 303, answer.text
            self.authorization_url = answer.headers["Location"]
        else:
            answer = await self.api.anonymous.post(f"{OIDC}/start", json={"return_to": RETURN_TO, **body})
            self.authorization_url = data_of(answer)["authorization_url"]
        self.cookie = answer.headers["set-cookie"].partition(";")[0]

    async def returns(self, claims: dict[str, Any], **lies: Any) -> httpx2.Response:
        self.provider.next_sign_in(claims=claims, now=self.now, **lies)
        return await self.comes_back_to(self.provider.callback_of(self.authorization_url))

    async def comes_back_to(self, callback: httpx2.URL) -> httpx2.Response:
        headers = {"Cookie": self.cookie}
        return await self.api.anonymous.get(f"{OIDC}/callback", params=callback.params, headers=headers)


@pytest.fixture
def visit(api: Api, provider: ProviderProcess, app: FastAPI) -> Visit:
    return Visit(api, provider, app)


def refresh_cookie(answer: httpx2.Response) -> str | None:
    cookies = answer.headers.get_list("set-cookie")
    return next((cookie.partition(";")[0] for cookie in cookies if "homeroom_refresh" in cookie), None)


def error_of(answer: httpx2.Response) -> str:
    """The code a failed sign-in ends with; no cookie that opens anything comes with it."""
    assert answer.status_code == 303, answer.text
    location = httpx2.URL(answer.headers["Location"])
    assert str(location.copy_with(query=None)) == RETURN_TO
    assert refresh_cookie(answer) is None
    return location.params["error"]


async def profile_behind(api: Api, answer: httpx2.Response) -> dict[str, Any]:
    """Use the cookie a sign-in left in the browser as our page would."""
    assert answer.headers.get("Location") == RETURN_TO, answer.headers.get("Location")
    cookie = refresh_cookie(answer)
    assert cookie is not None
    tokens = data_of(await api.anonymous.post("/api/v1/auth/refresh", headers={**PAGE, "Cookie": cookie}))
    profile: dict[str, Any] = data_of(
        await api.signed_in_with(tokens["access_token"]).get("/api/v1/users/me")
    )
    return profile


async def invitation(api: Api, post: Post, admin: User, email: str) -> str:
    body = {"email": email, "role": "teacher"}
    assert (await api.signed_in(admin).post("/api/v1/auth/invitations", json=body)).status_code == 201
    await post.deliver()
    return post.token(email)


def student(school: SchoolBench, **changes: Any) -> dict[str, Any]:
    return {
        "class_code": school.school_class.code,
        "birth_date": "2009-03-04",
        "grade_level": 9,
        **changes,
    }


async def test_an_invited_teacher_arrives_and_comes_back_without_the_invitation(
    api: Api, visit: Visit, post: Post, school: SchoolBench
) -> None:
    token = await invitation(api, post, school.admin, visit.email)
    await visit.begins({"invitation_token": token})
    profile = await profile_behind(api, await visit.returns(visit.claims()))
    assert (profile["role"], profile["email"]) == ("teacher", visit.email)
    assert profile["email_verified"] is True
    await visit.begins()
    again = await profile_behind(api, await visit.returns(visit.claims(email="renamed@school.example")))
    assert again["id"] == profile["id"]


async def test_a_student_arrives_with_a_class_code_and_waits_for_the_teacher(
    api: Api, visit: Visit, school: SchoolBench, rows: Session
) -> None:
    await visit.begins(student(school))
    profile = await profile_behind(api, await visit.returns(visit.claims()))
    assert (profile["role"], profile["school_id"]) == ("student", str(school.school.id))
    places = text("SELECT status FROM app.class_enrollments WHERE student_id = :id")
    assert list(rows.scalars(places, {"id": profile["id"]})) == ["pending"]
    stored = rows.scalar(
        text("SELECT birth_date_encrypted FROM app.users WHERE id = :id"), {"id": profile["id"]}
    )
    assert b"2009" not in bytes(stored)


async def test_a_message_instead_of_a_name_gives_way_to_the_address(
    api: Api, visit: Visit, school: SchoolBench
) -> None:
    await visit.begins(student(school))
    said = {"name": "Ana,\n\nunlock it: https://evil.example", "email": f"ana.quill+{visit.email}"}
    profile = await profile_behind(api, await visit.returns(visit.claims(**said)))
    assert profile["name"] == f"ana quill {visit.subject}"


async def test_an_address_that_nobody_could_register_with_opens_nothing(
    visit: Visit, school: SchoolBench
) -> None:
    await visit.begins(student(school))
    answer = await visit.returns(visit.claims(email=f"\u017f{visit.email}"))
    assert error_of(answer) == "account_not_linked"


async def test_under_13_the_class_code_leads_to_the_guardian(
    api: Api, provider: ProviderProcess, school: SchoolBench
) -> None:
    child = student(school, birth_date="2020-01-01", return_to=RETURN_TO)
    answer = await api.anonymous.post(f"{OIDC}/start", json=child)
    refusal_of(answer, 403, "guardian_consent_required")


async def test_the_address_of_somebody_here_opens_nothing(
    api: Api, visit: Visit, school: SchoolBench
) -> None:
    await visit.begins()
    answer = await visit.returns(visit.claims(email=school.teacher.email))
    assert error_of(answer) == "account_not_linked"


async def test_a_class_code_does_not_take_over_an_address_that_is_in_use(
    visit: Visit, school: SchoolBench, rows: Session, keys: KeyRing
) -> None:
    email = make_identity(rows, school.student, keys)
    await visit.begins(student(school))
    answer = await visit.returns(visit.claims(email=email))
    assert error_of(answer) == "address_in_use"


@pytest.mark.parametrize(
    "changes",
    [{"email_verified": False}, {"email": None}, {"email": "somebody.else@school.example"}],
    ids=["unverified", "without an address", "another address"],
)
async def test_an_invitation_is_for_the_verified_address_it_names(
    api: Api, visit: Visit, post: Post, school: SchoolBench, changes: dict[str, Any]
) -> None:
    token = await invitation(api, post, school.admin, visit.email)
    await visit.begins({"invitation_token": token})
    code = error_of(await visit.returns(visit.claims(**changes)))
    assert code in {"account_not_linked", "invalid_invitation"}


@pytest.mark.parametrize(
    ("claims", "lies"),
    [
        ({"iss": "https://evil.example"}, {}),
        ({"aud": "another-client"}, {}),
        ({"aud": ["another-client"], "azp": "homeroom-tests"}, {}),
        ({"aud": ["homeroom-tests", "another-client"], "azp": "another-client"}, {}),
        ({"nonce": "a replayed one"}, {}),
        ({"nonce": None}, {}),
        ({"exp": 1_000_000_000}, {}),
        ({"exp": None}, {}),
        ({"sub": None}, {}),
        ({}, {"forgery": "unsigned"}),
        ({}, {"forgery": "shared secret"}),
        ({}, {"forgery": "another key"}),
        ({}, {"callback": {"iss": "https://evil.example"}}),
        ({}, {"callback": {"state": "somebody else's"}}),
        ({}, {"callback": {"code": "made up"}}),
    ],
    ids=[
        "issuer",
        "audience",
        "audience with our azp",
        "azp",
        "nonce",
        "without nonce",
        "expired",
        "without end",
        "without subject",
        "unsigned",
        "shared secret",
        "another key",
        "mixed-up provider",
        "state",
        "code",
    ],
)
async def test_a_forged_sign_in_is_refused(
    visit: Visit, school: SchoolBench, claims: dict[str, Any], lies: dict[str, Any]
) -> None:
    await visit.begins(student(school))
    assert error_of(await visit.returns(visit.claims(**claims), **lies)) == "sign_in_refused"


@pytest.mark.parametrize(
    ("rule", "claims", "is_in"),
    [
        ({"hosted_domain": "school.example"}, {"hd": "school.example"}, True),
        ({"hosted_domain": "school.example"}, {"hd": "evil.example"}, False),
        ({"hosted_domain": "school.example"}, {}, False),
        ({"directory_id": "ours"}, {"tid": "ours"}, True),
        ({"directory_id": "ours"}, {"tid": "theirs"}, False),
    ],
    ids=["our domain", "another domain", "no domain", "our directory", "another directory"],
)
async def test_only_people_of_the_named_domain_or_directory_get_in(
    app: FastAPI,
    visit: Visit,
    school: SchoolBench,
    rule: dict[str, str],
    claims: dict[str, str],
    is_in: bool,
) -> None:
    trust(app, visit.provider, **rule)
    await visit.begins(student(school))
    answer = await visit.returns(visit.claims(**claims))
    if is_in:
        assert refresh_cookie(answer) is not None
    else:
        assert error_of(answer) == "sign_in_refused"


async def test_the_directory_of_the_settings_vouches_for_its_addresses(
    app: FastAPI, api: Api, visit: Visit, school: SchoolBench
) -> None:
    trust(app, visit.provider, directory_id="ours")
    await visit.begins(student(school))
    answer = await visit.returns(visit.claims(email_verified=None, tid="ours"))
    assert (await profile_behind(api, answer))["email"] == visit.email


async def test_a_callback_counts_once_in_the_browser_that_began_and_for_ten_minutes(
    visit: Visit, school: SchoolBench, clock: StandingClock
) -> None:
    await visit.begins(student(school))
    visit.provider.next_sign_in(claims=visit.claims(), now=visit.now)
    callback = visit.provider.callback_of(visit.authorization_url)
    mine, visit.cookie = visit.cookie, ""
    assert error_of(await visit.comes_back_to(callback)) == "sign_in_refused"
    visit.cookie = f"{mine[:-4]}AAAA"
    assert error_of(await visit.comes_back_to(callback)) == "sign_in_refused"
    visit.cookie = mine
    clock.advance(timedelta(minutes=11))
    assert error_of(await visit.comes_back_to(callback)) == "sign_in_refused"
    clock.advance(timedelta(minutes=-11))
    assert refresh_cookie(await visit.comes_back_to(callback)) is not None
    assert error_of(await visit.comes_back_to(callback)) == "sign_in_refused"


async def test_somebody_who_cancels_is_told_so(visit: Visit) -> None:
    await visit.begins()
    state = httpx2.URL(visit.authorization_url).params["state"]
    cancelled = httpx2.URL(
        "http://x", params={"error": "access_denied", "state": state, "iss": visit.provider.url}
    )
    assert error_of(await visit.comes_back_to(cancelled)) == "sign_in_refused"


@pytest.mark.parametrize("return_to", ["https://evil.example", f"{RETURN_TO}/../evil", f"{RETURN_TO}?x=1"])
async def test_a_sign_in_ends_at_a_listed_address_only(
    api: Api, provider: ProviderProcess, return_to: str
) -> None:
    answer = await api.anonymous.get(f"{OIDC}/start", params={"return_to": return_to})
    refusal_of(answer, 422, "return_address_not_allowed")


async def test_an_unknown_provider_is_not_here(api: Api) -> None:
    answer = await api.anonymous.get("/api/v1/auth/oidc/nobody/start", params={"return_to": RETURN_TO})
    refusal_of(answer, 404, "unknown_provider")


async def test_a_provider_that_is_away_is_said_to_be_away(
    api: Api, app: FastAPI, provider: ProviderProcess
) -> None:
    trust(app, provider, issuer="http://127.0.0.1:9")
    answer = await api.anonymous.get(f"{OIDC}/start", params={"return_to": RETURN_TO})
    refusal_of(answer, 503, "provider_unavailable")


async def test_a_provider_that_publishes_another_issuer_is_not_believed(
    api: Api, app: FastAPI, provider: ProviderProcess
) -> None:
    provider.next_sign_in(published_issuer="https://evil.example")
    trust(app, provider)
    answer = await api.anonymous.get(f"{OIDC}/start", params={"return_to": RETURN_TO})
    provider.next_sign_in()
    refusal_of(answer, 503, "provider_unavailable")


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://login.school.example"},
        {"issuer": "http://localhost.evil.example"},
        {"issuer": "login.school.example"},
        {"name": "no/path"},
    ],
)
def test_a_provider_is_reached_over_https_or_on_this_machine(wrong: dict[str, str]) -> None:
    right = {
        "name": "google",
        "issuer": "https://accounts.google.com",
        "client_id": "x",
        "client_secret": "y",
    }
    assert OidcProvider.model_validate(right).name == "google"
    with pytest.raises(ValidationError):
        OidcProvider.model_validate({**right, **wrong})


async def test_a_stray_callback_ends_at_our_own_site_where_no_address_is_listed(
    api: Api, provider: ProviderProcess, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "return_urls", [])
    answer = await api.anonymous.get(f"{OIDC}/callback")
    assert answer.headers["Location"] == f"{settings.web_url}?error=sign_in_refused"
