"""Banks in and out of other programs: files read, judged item by item, and written."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.question_banks import queries, service
from api.question_banks.errors import TooManyItemsError
from api.question_banks.formats.exchange import ConceptName, ExchangedQuestion, ReadBank
from api.question_banks.formats.gift import read_gift, write_gift
from api.question_banks.formats.moodle_xml import read_moodle_xml, write_moodle_xml
from api.question_banks.formats.qti import read_qti, write_qti
from api.question_banks.schemas import BankImport, ImportedItem
from api.question_banks.service import BankQuestionDraft
from core.audit import record_audit
from core.tenancy import Actor

MOST_ITEMS = 5_000
"""Per file: what one transaction stores in a few seconds."""
MOST_REPORTED = 1_000


class BankFormat(StrEnum):
    GIFT = "gift"
    MOODLE_XML = "moodle_xml"
    QTI = "qti"


class Reader(Protocol):
    def __call__(self, content: bytes, /) -> ReadBank: ...


_READERS: Mapping[BankFormat, Reader] = {
    BankFormat.GIFT: read_gift,
    BankFormat.MOODLE_XML: read_moodle_xml,
    BankFormat.QTI: read_qti,
}
FILE_TYPES: Mapping[BankFormat, tuple[str, str]] = {
    BankFormat.GIFT: ("text/plain; charset=utf-8", "gift.txt"),
    BankFormat.MOODLE_XML: ("application/xml", "xml"),
    BankFormat.QTI: ("application/zip", "zip"),
}
"""Media type and the end of the file's name."""


def format_of(content: bytes) -> BankFormat:
    """Tell the formats apart by how they begin."""
    if content.startswith(b"PK"):
        return BankFormat.QTI
    return (
        BankFormat.MOODLE_XML if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else BankFormat.GIFT
    )


async def read_file(content: bytes, wanted: BankFormat | None) -> ReadBank:
    """Read a file away from the event loop. Raises what its reader raises, or TooManyItemsError."""
    bank = await asyncio.to_thread(_READERS[wanted or format_of(content)], content)
    if bank.items > MOST_ITEMS:
        raise TooManyItemsError(field="file")
    return bank


async def import_questions(
    session: AsyncSession, actor: Actor, bank_id: UUID, file: ReadBank, *, now: datetime, dry_run: bool
) -> BankImport:
    """Add what a file holds to one's own bank; a rehearsal reports the same and adds nothing.

    Concepts are found by subject and name; those the district does not have are named and left out.
    Raises NotFoundError.
    """
    bank = await service.find_writable_bank(session, actor, bank_id)
    named = {concept for question in file.questions for concept in question.concepts}
    known = await _known_concepts(session, actor, named)
    drafts = [_draft(question, known) for question in file.questions]
    if not dry_run:
        await service.add_bank_questions(session, actor, bank, drafts)
        details = {"questions": len(drafts)}
        await record_audit(session, actor, "imported", ("question_bank", bank_id), now=now, details=details)
    return BankImport(
        imported=len(drafts),
        skipped=[ImportedItem.model_validate(item) for item in file.skipped[:MOST_REPORTED]],
        unknown_concepts=sorted({concept.name for concept in named - known.keys()})[:MOST_REPORTED],
    )


async def export_questions(
    session: AsyncSession, actor: Actor, bank_id: UUID, wanted: BankFormat, *, now: datetime
) -> bytes:
    """Return a readable bank as a file. Raises NotFoundError."""
    questions = [
        ExchangedQuestion(
            stored.body.model_copy(update={"concept_ids": []}),
            stored.name,
            tuple(ConceptName(concept.subject, concept.name) for concept in stored.concepts),
        )
        async for stored in service.stream_questions(session, actor, bank_id)
    ]
    await record_audit(session, actor, "exported", ("question_bank", bank_id), now=now)
    return await asyncio.to_thread(_written, questions, wanted)


def _written(questions: Iterable[ExchangedQuestion], wanted: BankFormat) -> bytes:
    match wanted:
        case BankFormat.GIFT:
            return write_gift(questions).encode()
        case BankFormat.MOODLE_XML:
            return write_moodle_xml(questions)
        case BankFormat.QTI:
            return write_qti(questions)


def _draft(question: ExchangedQuestion, known: Mapping[ConceptName, UUID]) -> BankQuestionDraft:
    concepts = [known[concept] for concept in question.concepts if concept in known]
    body = question.body.model_copy(update={"concept_ids": concepts})
    return BankQuestionDraft(question.name, body, {"origin": "import"})


async def _known_concepts(
    session: AsyncSession, actor: Actor, named: set[ConceptName]
) -> dict[ConceptName, UUID]:
    if not named:
        return {}
    pairs = [(concept.subject, concept.name) for concept in named]
    found = await session.execute(queries.concepts_named(actor, pairs))
    return {ConceptName(subject, name): concept_id for concept_id, subject, name in found}
