"""Every way into the product and out of it again: real processes, HTTP and SMTP, with nothing of ours imported."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.e2e.client import Browser, Client, Socket, T, eventually, sign_in
from tests.e2e.mailbox import Mailbox
from tests.fixtures.oidc import NAME, ProviderProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PASSWORD = "plum-harbor-lantern-42"
ANOTHER = "copper-violin-meadow-77"
GRACE_SECONDS = 10
RETURN_TO = "http://localhost:8000/docs"


class Door:
    """The public door of a running installation: raw answers, for what is refused as much as for what is not."""

    def __init__(self, stack: dict[str, Any], mailbox: Mailbox) -> None:
        self.stack = stack
        self.mailbox = mailbox
        self.mark = uuid.uuid4().hex[:10]
        self.http = httpx2.Client(base_url=f"{stack['base_url']}/api/v1", timeout=30)
        self.admin_login = next(user for user in stack["users"] if user["role"] == "admin" and user["school"])
        self._open: list[Client | Socket | Browser] = []

    def keep(self, thing: T) -> T:
        self._open.append(thing)  # type: ignore[arg-type]
        return thing

    def close(self) -> None:
        for thing in reversed(self._open):
            thing.close()
        self.http.close()

    def address(self, who: str) -> str:
        return f"{who}-{self.mark}@school.example"

    def post(self, path: str, body: dict[str, Any], token: str = "") -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.post(path, json=body, headers=headers)

    def get(self, path: str, token: str) -> httpx2.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {token}"})

    def tokens(self, email: str, password: str = PASSWORD, device: str = "") -> dict[str, Any]:
        body = {"email": email, "password": password}
        answer = self.post("/auth/login", {**body, "device_name": device} if device else body)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()["data"]
        return tokens

    def person(self, email: str, password: str = PASSWORD) -> Client:
        return self.keep(sign_in(self.stack, email, password))

    def admin(self) -> Client:
        return self.person(self.admin_login["email"], self.admin_login["password"])

    def invite(self, who: str, role: str) -> str:
        """Invite somebody to the admin's school; returns the address."""
        email = self.address(who)
        admin = self.admin()
        admin.send(
            "POST",
            "/auth/invitations",
            {"email": email, "role": role, "school_id": self.admin_login["school"]},
        )
        return email

    def register_staff(self, who: str, role: str) -> str:
        email = self.invite(who, role)
        body = {"invitation_token": self.mailbox.token(email), "name": "Grace Hopper", "email": email}
        answer = self.post(f"/auth/register/{role}", {**body, "password": PASSWORD})
        assert answer.status_code == 202, answer.text
        return email

    def class_code(self) -> str:
        """A class of a teacher of its own."""
        teacher = self.person(self.register_staff(f"teacher-of-{uuid.uuid4().hex[:6]}", "teacher"))
        code = teacher.send("POST", "/classes", {"name": "Algebra I", "subject": "Mathematics"})["code"]
        return str(code)

    def register_student(self, who: str, **details: Any) -> str:
        email = self.address(who)
        person = {"name": "Ana Silva", "email": email, "password": PASSWORD, "grade_level": 9}
        body = {**person, "birth_date": "2010-05-01", "class_code": self.class_code(), **details}
        answer = self.post("/auth/register/student", body)
        assert answer.status_code == 202, answer.text
        return email


@pytest.fixture
def door(stack: dict[str, Any], mailbox: Mailbox) -> Iterator[Door]:
    door = Door(stack, mailbox)
    yield door
    door.close()


def code_of(answer: httpx2.Response) -> str:
    return str(answer.json()["errors"][0]["code"])


@pytest.mark.parametrize("role", ["teacher", "admin"])
def test_staff_arrive_through_a_mailed_invitation(door: Door, role: str) -> None:
    email = door.register_staff(role, role)
    profile = door.person(email).send("GET", "/users/me")
    assert (profile["role"], profile["school_id"]) == (role, door.admin_login["school"])
    assert profile["email_verified"] is True


def test_a_student_registers_and_proves_the_address(door: Door) -> None:
    email = door.register_student("student")
    student = door.person(email)
    assert student.send("GET", "/users/me")["email_verified"] is False
    first = door.mailbox.token(email)
    assert door.post("/auth/verify-email/resend", {"email": email}).status_code == 202
    second = door.mailbox.token(email, count=2)
    assert door.post("/auth/verify-email", {"token": first}).status_code >= 400
    assert door.post("/auth/verify-email", {"token": second}).status_code == 200
    assert student.send("GET", "/users/me")["email_verified"] is True
    assert door.post("/auth/verify-email", {"token": second}).status_code >= 400


def test_a_forgotten_password_is_reset_once_and_every_session_ends(door: Door) -> None:
    email = door.register_staff("forgetful", "teacher")
    before = door.tokens(email)
    assert door.post("/auth/password/forgot", {"email": email}).status_code == 202
    reset = {"token": door.mailbox.token(email, count=2), "password": ANOTHER}
    assert door.post("/auth/password/reset", reset).status_code == 200
    assert code_of(door.post("/auth/login", {"email": email, "password": PASSWORD})) == "invalid_credentials"
    assert door.get("/users/me", before["access_token"]).status_code == 401
    assert door.post("/auth/refresh", {"refresh_token": before["refresh_token"]}).status_code == 401
    assert door.post("/auth/password/reset", reset).status_code >= 400
    now = door.tokens(email, ANOTHER)
    change = {"current_password": ANOTHER, "new_password": PASSWORD}
    assert door.post("/auth/password/change", change, now["access_token"]).status_code == 200
    door.tokens(email)


def test_a_stolen_refresh_token_ends_the_session_and_its_owner_is_told(door: Door) -> None:
    email = door.register_staff("robbed", "teacher")
    stolen = door.tokens(email)["refresh_token"]
    first = door.post("/auth/refresh", {"refresh_token": stolen}).json()["data"]
    again = door.post("/auth/refresh", {"refresh_token": stolen})
    assert again.status_code == 200, "a racing tab, inside the grace"
    assert door.get("/users/me", first["access_token"]).status_code == 200
    time.sleep(GRACE_SECONDS + 1)
    assert door.post("/auth/refresh", {"refresh_token": stolen}).status_code == 401
    assert door.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).status_code == 401
    assert door.get("/users/me", first["access_token"]).status_code == 401
    assert door.mailbox.wait(email, count=2)
    notices = door.person(email).send("GET", "/notifications")["items"]
    assert len(notices) == 1


def test_a_session_that_is_revoked_ends_on_the_next_request_and_hangs_up_its_sockets(door: Door) -> None:
    email = door.register_staff("two-devices", "teacher")
    phone, laptop = door.tokens(email, device="phone"), door.tokens(email, device="laptop")
    socket = door.keep(Socket(door.stack["realtime_url"], phone["access_token"]))
    listed = door.get("/auth/sessions", laptop["access_token"]).json()["data"]["items"]
    assert {item["device"] for item in listed} == {"phone", "laptop"}
    (lost,) = [item["id"] for item in listed if item["device"] == "phone"]
    bearer = {"Authorization": f"Bearer {laptop['access_token']}"}
    assert door.http.delete(f"/auth/sessions/{lost}", headers=bearer).status_code == 200
    assert door.get("/users/me", phone["access_token"]).status_code == 401
    assert door.get("/users/me", laptop["access_token"]).status_code == 200
    eventually(lambda: None if socket.is_connected else True, 10, "the end of the phone's socket")
    assert door.post("/auth/logout-all", {}, laptop["access_token"]).status_code == 200
    assert door.get("/users/me", laptop["access_token"]).status_code == 401


def test_a_browser_keeps_its_refresh_token_where_no_script_reads_it(door: Door) -> None:
    email = door.register_staff("browser", "teacher")
    page = {"X-Client": "browser", "Origin": "http://localhost:3000"}
    answer = door.http.post("/auth/login", json={"email": email, "password": PASSWORD}, headers=page)
    assert answer.json()["data"]["refresh_token"] is None
    cookie = next(line for line in answer.headers.get_list("set-cookie") if "homeroom_refresh" in line)
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/api/v1/auth"):
        assert attribute.lower() in cookie.lower()
    carried = {"Cookie": cookie.partition(";")[0]}
    assert door.http.post("/auth/refresh", headers={**carried, **page}).status_code == 200
    for forged in ({"X-Client": "browser", "Origin": "https://evil.example"}, {"X-Client": "browser"}):
        assert code_of(door.http.post("/auth/refresh", headers={**carried, **forged})) == "csrf_refused"


def test_a_teacher_signs_in_through_an_identity_provider(door: Door, oidc_provider: ProviderProcess) -> None:
    email = door.invite("federated", "teacher")
    browser = door.keep(Browser(door.stack["base_url"]))
    body = {"return_to": RETURN_TO, "invitation_token": door.mailbox.token(email)}
    start = f"/api/v1/auth/oidc/{NAME}/start"
    begun = browser.send("POST", start, json=body).json()["data"]["authorization_url"]
    oidc_provider.next_sign_in(
        claims={"sub": door.mark, "email": email, "email_verified": True, "name": "Grace"}
    )
    arrived = browser.send("GET", str(oidc_provider.callback_of(begun)))
    assert (arrived.status_code, arrived.headers["Location"]) == (303, RETURN_TO)
    assert who_is(door, browser) == email

    later = door.keep(Browser(door.stack["base_url"]))
    sent_away = later.send("GET", start, params={"return_to": RETURN_TO})
    arrived = later.send("GET", str(oidc_provider.callback_of(sent_away.headers["Location"])))
    assert arrived.headers["Location"] == RETURN_TO
    assert who_is(door, later) == email


def who_is(door: Door, browser: Browser) -> str:
    """Use the cookie as our page would, and ask whose it is."""
    page = {"X-Client": "browser", "Origin": "http://localhost:3000"}
    tokens = browser.send("POST", "/api/v1/auth/refresh", headers=page).json()["data"]
    return str(door.get("/users/me", tokens["access_token"]).json()["data"]["email"])


def decide(door: Door, link: str, **decisions: str) -> dict[str, Any]:
    answer = door.post(f"/auth/consents/{link}", {"decisions": decisions})
    assert answer.status_code == 200, answer.text
    decided: dict[str, Any] = answer.json()["data"]
    return decided


def test_a_child_waits_for_the_guardian_who_may_take_consent_back(door: Door) -> None:
    guardian = door.address("guardian")
    child = {
        "grade_level": 4,
        "birth_date": f"{datetime.now(UTC).year - 9}-01-01",
        "guardian_email": guardian,
    }
    door.register_student("too-early", **child)
    assert (
        door.post("/auth/login", {"email": door.address("too-early"), "password": PASSWORD}).status_code
        == 401
    )
    link = door.mailbox.token(guardian)
    notice = door.http.get(f"/auth/consents/{link}").json()["data"]
    assert (notice["child_name"], notice["status"]) == ("Ana Silva", "waiting")
    assert notice["notice_version"] in {scope["notice_version"] for scope in notice["scopes"]} | {"2026-11"}

    granted = decide(
        door, link, collection="granted", ai_processing="declined", third_party_disclosure="declined"
    )
    email = door.address("child")
    body = {"registration_token": granted["registration_token"], "email": email, "password": PASSWORD}
    finished = door.post(
        "/auth/register/child", {**body, "grade_level": 4, "birth_date": child["birth_date"]}
    )
    assert finished.status_code == 202, finished.text
    tokens = door.tokens(email)
    assert door.get("/users/me", tokens["access_token"]).json()["data"]["name"] == "Ana Silva"

    decide(door, link, collection="revoked")
    assert door.get("/users/me", tokens["access_token"]).status_code == 401
    closed = door.post("/auth/login", {"email": email, "password": PASSWORD})
    assert code_of(closed) == "guardian_consent_required"
    decide(door, link, collection="granted")
    door.tokens(email)
    assert len(door.mailbox.messages(guardian)) >= 2


def test_a_guardian_who_declines_leaves_nothing_behind(door: Door) -> None:
    guardian = door.address("unwilling")
    birthday = f"{datetime.now(UTC).year - 8}-01-01"
    door.register_student("unwanted", grade_level=3, birth_date=birthday, guardian_email=guardian)
    link = door.mailbox.token(guardian)
    assert decide(door, link, collection="declined")["status"] == "deleted"
    assert door.http.get(f"/auth/consents/{link}").status_code == 404


def test_search_finds_own_students_and_the_record_says_who_looked(door: Door) -> None:
    teacher = door.person(door.register_staff("searching", "teacher"))
    code = teacher.send("POST", "/classes", {"name": "Geometry", "subject": "Mathematics"})["code"]
    name = f"Zoë Quill{door.mark}"
    door.register_student("found", name=name, class_code=code)
    door.register_student("namesake", name=name)
    found = teacher.send("GET", f"/users?query=zoe quill{door.mark}")["items"]
    assert [person["email"] for person in found] == [door.address("found")]
    both = door.admin().send("GET", f"/users?query=quill{door.mark}")["items"]
    assert {person["email"] for person in both} == {door.address("found"), door.address("namesake")}
    readers = door.admin().send("GET", f"/users/{found[0]['id']}/disclosures")["items"]
    assert {reader["reader"]["name"] for reader in readers} >= {"Grace Hopper"}
