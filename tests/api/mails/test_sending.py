"""Mails leave once their cause is stored, over SMTP or into a folder, and leave nothing personal behind."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from jinja2 import Environment, meta
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.mails.letters import TEMPLATES, write_letter
from api.mails.service import Mail, send_mail
from api.mails.tasks import send_outgoing_mail
from api.mails.transport import MailNotSentError, MailServer
from core.ids import new_id
from core.models import User
from tests.factories.user import actor_of
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post, text_of

CONTENT = {"name": "Ana <b>Quillfeather</b>", "token": "T" * 43, "hours": "48"}


def new_address() -> str:
    return f"{new_id().hex}@school.example"


async def write(post: Post, user: User, address: str) -> UUID:
    work = post.workplace
    async with work.database.tenant_transaction(actor_of(user).context) as session:
        return await send_mail(session, work.ring, Mail("verify_email", address, CONTENT))


async def send(post: Post, user: User, mail_id: UUID) -> None:
    post.workplace.use()
    await send_outgoing_mail(str(user.district_id), str(mail_id))


def row_of(rows: Session, mail_id: UUID) -> Any:
    statement = text("SELECT * FROM app.outgoing_mails WHERE id = :id")
    return rows.execute(statement, {"id": mail_id}).one()


async def test_a_mail_is_sealed_until_it_leaves_and_erased_then(
    post: Post, school: SchoolBench, rows: Session
) -> None:
    address = new_address()
    mail_id = await write(post, school.admin, address)
    waiting = row_of(rows, mail_id)
    assert waiting.school_id == school.school.id
    assert address.encode() not in waiting.address_encrypted + waiting.content_encrypted
    await send(post, school.admin, mail_id)
    sent = row_of(rows, mail_id)
    assert (sent.status, sent.address_encrypted, sent.content_encrypted) == ("sent", None, None)
    assert sent.sent_at == post.workplace.clock()


async def test_a_mail_is_gone_with_the_transaction_of_its_cause(post: Post, school: SchoolBench) -> None:
    address, work = new_address(), post.workplace

    async def write_and_fail() -> None:
        async with work.database.tenant_transaction(actor_of(school.admin).context) as session:
            await send_mail(session, work.ring, Mail("verify_email", address, CONTENT))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    await post.deliver()
    assert post.to(address) == []


async def test_a_job_that_runs_twice_sends_once(post: Post, school: SchoolBench) -> None:
    address = new_address()
    mail_id = await write(post, school.admin, address)
    for _ in range(2):
        await send(post, school.admin, mail_id)
    (message,) = post.to(address)
    assert message["Message-ID"] == f"<{mail_id}@localhost>"
    assert message["Auto-Submitted"] == "auto-generated"


async def test_words_of_people_are_text_and_never_html(post: Post, school: SchoolBench) -> None:
    address = new_address()
    await send(post, school.admin, await write(post, school.admin, address))
    (message,) = post.to(address)
    html = message.get_body(("html",))
    assert html is not None
    assert "Ana <b>Quillfeather</b>" in text_of(message)
    assert "Ana &lt;b&gt;Quillfeather&lt;/b&gt;" in html.get_content()
    link = f"https://homeroom.example/verify-email#token={CONTENT['token']}"
    assert f'<a href="{link}">' in html.get_content()


async def test_an_address_that_is_refused_for_good_fails_and_is_not_logged(
    post: Post, school: SchoolBench, rows: Session
) -> None:
    address = new_address()
    post.server.refusals[address] = f"550 no {address} here"
    mail_id = await write(post, school.admin, address)
    with structlog.testing.capture_logs() as logs:
        await send(post, school.admin, mail_id)
    failed = row_of(rows, mail_id)
    assert (failed.status, failed.address_encrypted) == ("failed", None)
    assert [entry["event"] for entry in logs] == ["mail_failed"]
    assert address not in str(logs)


async def test_a_server_that_is_busy_is_asked_again(post: Post, school: SchoolBench, rows: Session) -> None:
    address = new_address()
    post.server.refusals[address] = f"451 {address}: later"
    mail_id = await write(post, school.admin, address)
    with pytest.raises(MailNotSentError) as problem:
        await send(post, school.admin, mail_id)
    assert address not in str(problem.value)
    assert row_of(rows, mail_id).status == "waiting"
    del post.server.refusals[address]
    await send(post, school.admin, mail_id)
    assert len(post.to(address)) == 1


async def test_a_mail_whose_key_is_gone_fails(post: Post, school: SchoolBench, rows: Session) -> None:
    mail_id = await write(post, school.admin, new_address())
    damage = text("UPDATE app.outgoing_mails SET content_encrypted = 'unreadable' WHERE id = :id")
    rows.execute(damage, {"id": mail_id})
    await send(post, school.admin, mail_id)
    assert row_of(rows, mail_id).status == "failed"


async def test_without_a_server_mails_are_private_files(
    post: Post, school: SchoolBench, tmp_path: Path
) -> None:
    folder = tmp_path / "outbox"
    object.__setattr__(  # the workplace of this one test
        post.workplace,
        "settings",
        post.workplace.settings.model_copy(update={"smtp_url": "", "outbox_path": folder}),
    )
    address = new_address()
    mail_id = await write(post, school.admin, address)
    await send(post, school.admin, mail_id)
    (path,) = folder.iterdir()
    assert path.name == f"{mail_id}.eml"
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message["To"] == address


@pytest.mark.parametrize(
    ("url", "port", "is_encrypted", "needs_starttls"),
    [
        ("smtp://mail.school.example", 587, False, True),
        ("smtps://u:p%40ss@mail.school.example", 465, True, False),
        ("smtp://127.0.0.1:2525", 2525, False, False),
        ("smtp://localhost", 587, False, False),
    ],
    ids=["starttls", "tls", "loopback", "localhost"],
)
def test_only_this_machine_is_spoken_to_in_plain(
    url: str, port: int, is_encrypted: bool, needs_starttls: bool
) -> None:
    server = MailServer(url)
    assert (server.port, server.is_encrypted, server.needs_starttls) == (port, is_encrypted, needs_starttls)


def test_another_kind_of_address_is_no_mail_server() -> None:
    with pytest.raises(ValueError, match="HOMEROOM_SMTP_URL"):
        MailServer("http://mail.school.example")


NAMES = sorted(path.name.removesuffix(".txt.jinja") for path in TEMPLATES.glob("*.txt.jinja"))


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_is_one_line_whatever_people_are_called(name: str) -> None:
    source = (TEMPLATES / f"{name}.txt.jinja").read_text()
    wanted = meta.find_undeclared_variables(Environment(autoescape=True).parse(source)) - {"web_url"}
    content = dict.fromkeys(wanted, "<b>\nBcc: everybody@school.example")
    letter = write_letter(name, content, "https://homeroom.example")
    assert "\n" not in letter.subject
    assert "<b>" not in letter.html


@pytest.mark.parametrize("name", NAMES)
def test_words_of_people_stay_on_one_line(name: str) -> None:
    source = (TEMPLATES / f"{name}.txt.jinja").read_text()
    wanted = meta.find_undeclared_variables(Environment(autoescape=True).parse(source)) - {"web_url"}
    people = wanted - {"notice", "decisions", "news"}
    said = "Ana,\n\nyour account is locked.\u2028Unlock it:\r\nhttps://homeroom.example/unlock"
    letter = write_letter(
        name, {**dict.fromkeys(wanted, "ours"), **dict.fromkeys(people, said)}, "https://homeroom.example"
    )
    assert not {line.strip() for line in letter.text.splitlines()} & {"your account is locked.", "Unlock it:"}
    assert 'href="https://homeroom.example/unlock"' not in letter.html
