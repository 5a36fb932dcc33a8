"""Question banks and their questions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from api.question_banks import bulk, exchange, questions, service
from api.question_banks.assigned import add_from_assignment
from api.question_banks.exchange import BankFormat
from api.question_banks.schemas import (
    AddedQuestions,
    BankCreate,
    BankImport,
    BankOut,
    BankQuestionIn,
    BankUpdate,
    BankWithCount,
    BulkAnswer,
    BulkIn,
    FromAssignmentIn,
)
from api.questions.schemas import BankQuestionOut
from api.rate_limits import Bucket
from api.schemas import Line, SearchText
from api.uploads import Upload, file_body, upload_of
from core.models import Difficulty, QuestionKind
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/question-banks", tags=["question banks"])

Reader = Annotated[Actor, allowed(Permission.BANK_READ)]
Owner = Annotated[Actor, allowed(Permission.BANK_MANAGE)]
Exporter = Annotated[Actor, allowed(Permission.BANK_READ, Bucket.EXPORT)]
FILES_TAKEN = ("text/plain", "application/xml", "text/xml", "application/zip")
FILES_GIVEN: dict[str, dict[str, str]] = {"text/plain": {}, "application/xml": {}, "application/zip": {}}
BankFile = Annotated[Upload, Depends(upload_of(*FILES_TAKEN))]


@router.post("", status_code=201)
async def create_bank(
    body: BankCreate, actor: Owner, db: Db, once: Idempotent, now: Now
) -> Envelope[BankOut]:
    """Create an empty bank of your own."""
    return ok(await once.run(BankOut, lambda: service.create_bank(db, actor, body, now=now)))


@router.get("")
async def list_banks(
    *,
    actor: Reader,
    db: Db,
    page: Paging,
    subject: Annotated[Line | None, Query()] = None,
    mine: Annotated[bool | None, Query(description="true: your own; false: those of colleagues")] = None,
) -> Envelope[Page[BankOut]]:
    """List your own banks and those that colleagues share with the school, oldest first."""
    filters = service.Filters(subject=subject, mine=mine)
    items, cursor = await service.list_banks(db, actor, filters, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{bank_id}")
async def read_bank(bank_id: UUID, actor: Reader, db: Db) -> Envelope[BankWithCount]:
    """Read a bank with the number of its questions."""
    return ok(await service.read_bank(db, actor, bank_id))


@router.patch("/{bank_id}")
async def update_bank(
    bank_id: UUID, body: BankUpdate, actor: Owner, db: Db, now: Now
) -> Envelope[BankWithCount]:
    """Change what is given, sharing included; the rest stays."""
    return ok(await service.update_bank(db, actor, bank_id, body, now=now))


@router.delete("/{bank_id}")
async def delete_bank(bank_id: UUID, actor: Owner, db: Db, now: Now) -> Envelope[BankOut]:
    """Hide a bank with its questions; copies in assignments stay."""
    return ok(await service.delete_bank(db, actor, bank_id, now=now))


@router.get("/{bank_id}/questions")
async def find_questions(
    *,
    bank_id: UUID,
    actor: Reader,
    db: Db,
    page: Paging,
    q: Annotated[SearchText, Query(description="How words of the question begin, up to eight")] = "",
    concept_id: Annotated[UUID | None, Query()] = None,
    difficulty: Annotated[Difficulty | None, Query()] = None,
    kind: Annotated[QuestionKind | None, Query()] = None,
) -> Envelope[Page[BankQuestionOut]]:
    """Find the questions of a bank that fit all that is given, newest first.

    Words are looked for in name, prompt and options, whatever their case and accents.
    """
    wanted = questions.Wanted(text=q, concept_id=concept_id, difficulty=difficulty, kind=kind)
    items, cursor = await questions.find_questions(db, actor, bank_id, wanted, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.post("/{bank_id}/questions", status_code=201)
async def add_question(
    bank_id: UUID, body: BankQuestionIn, actor: Owner, db: Db, once: Idempotent
) -> Envelope[BankQuestionOut]:
    """Add a question to a bank of your own."""
    return ok(await once.run(BankQuestionOut, lambda: questions.add_question(db, actor, bank_id, body)))


@router.post("/{bank_id}/questions/bulk")
async def add_questions(
    bank_id: UUID, body: BulkIn, actor: Owner, db: Db, once: Idempotent
) -> Envelope[BulkAnswer]:
    """Add up to 100 questions; each is taken or refused for itself, and the answer says which."""
    return ok(await once.run(BulkAnswer, lambda: bulk.add_many(db, actor, bank_id, body.questions)))


@router.post("/{bank_id}/questions/from-assignment", status_code=201)
async def keep_questions(
    bank_id: UUID, body: FromAssignmentIn, actor: Owner, db: Db, once: Idempotent
) -> Envelope[AddedQuestions]:
    """Keep copies of questions of an assignment you teach, once somebody has accepted them."""
    return ok(await once.run(AddedQuestions, lambda: add_from_assignment(db, actor, bank_id, body)))


@router.get("/{bank_id}/questions/{bank_question_id}")
async def read_question(
    bank_id: UUID, bank_question_id: UUID, actor: Reader, db: Db
) -> Envelope[BankQuestionOut]:
    """Read one question of a bank."""
    return ok(await questions.read_question(db, actor, bank_id, bank_question_id))


@router.patch("/{bank_id}/questions/{bank_question_id}")
async def change_question(
    bank_id: UUID, bank_question_id: UUID, body: BankQuestionIn, actor: Owner, db: Db
) -> Envelope[BankQuestionOut]:
    """Put another content in the question's place, all of it; copies in assignments stay as they are."""
    return ok(await questions.change_question(db, actor, (bank_id, bank_question_id), body))


@router.delete("/{bank_id}/questions/{bank_question_id}")
async def delete_question(
    bank_id: UUID, bank_question_id: UUID, actor: Owner, db: Db, now: Now
) -> Envelope[BankQuestionOut]:
    """Hide a question; copies in assignments stay."""
    return ok(await questions.delete_question(db, actor, (bank_id, bank_question_id), now=now))


@router.post("/{bank_id}/import", openapi_extra=file_body(*FILES_TAKEN, example="::Slope::What is slope? {}"))
async def import_questions(
    *,
    bank_id: UUID,
    actor: Owner,
    upload: BankFile,
    db: Db,
    once: Idempotent,
    now: Now,
    format_: Annotated[BankFormat | None, Query(alias="format")] = None,
    dry_run: Annotated[bool, Query(description="Only report")] = False,
) -> Envelope[BankImport]:
    """Add the questions of a GIFT, Moodle XML or QTI 2.1 file to your bank.

    Multiple choice with four options and one right one, and essays, are taken; each other item is reported with
    the reason. Without `format` the file's beginning tells.
    """
    await service.find_writable_bank(db, actor, bank_id)
    file = await exchange.read_file(upload.read(), format_)

    async def add() -> BankImport:
        return await exchange.import_questions(db, actor, bank_id, file, now=now, dry_run=dry_run)

    return ok(await once.run(BankImport, add))


@router.get(
    "/{bank_id}/export",
    response_class=Response,
    responses={200: {"content": FILES_GIVEN, "description": "The file"}},
)
async def export_questions(
    bank_id: UUID,
    actor: Exporter,
    db: Db,
    now: Now,
    format_: Annotated[BankFormat, Query(alias="format")] = BankFormat.GIFT,
) -> Response:
    """Take a bank home as a GIFT, Moodle XML or QTI 2.1 file; imported again, nothing is lost."""
    content = await exchange.export_questions(db, actor, bank_id, format_, now=now)
    media_type, ending = exchange.FILE_TYPES[format_]
    headers = {"Content-Disposition": f'attachment; filename="question-bank-{bank_id}.{ending}"'}
    return Response(content, media_type=media_type, headers=headers)
