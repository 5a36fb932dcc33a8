"""Filling a bank from a curriculum: section by section, batch by batch; only what passes the gate gets in."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import structlog
from procrastinate.tasks import Task
from sqlalchemy.ext.asyncio import AsyncSession

from api.curricula import queries
from api.generation.bodies import body_of_written
from api.generation.gate import Lesson
from api.generation.offline import Draft
from api.generation.offline_writing import draft_batch
from api.generation.passages import Batch, plan_batches, split_passages
from api.generation.positions import spread_keys
from api.generation.queries import held_job
from api.generation.reading import language_of
from api.generation.running import CancelledError, model_of
from api.generation.waiting import pause_before
from api.generation.writing import Desk, Judged, write_batch
from api.jobs.service import fail_job, finish_job, report_progress, wait_again
from api.question_banks.service import BankQuestionDraft, add_bank_questions
from core.ai import AiError, ProviderUnavailableError
from core.ids import new_id
from core.jobs import Workplace, enqueue
from core.models import (
    BankGeneration,
    BankGenerationBatch,
    CurriculumSection,
    Difficulty,
    GenerationMode,
    QuestionBank,
)
from core.tenancy import Actor, Role, TenantContext

logger = structlog.get_logger(__name__)

REMEMBERED_PROMPTS = 50
"""The newest questions of the bank, which are not asked again."""
_NOTHING = "No question passed the checks; write the questions by hand, or give the sections more text."


@dataclass(frozen=True)
class _Piece:
    """One batch of one section."""

    section: CurriculumSection
    batch: Batch
    language: str


@dataclass(kw_only=True)
class BankRun:
    """A bank at work. It holds no transaction while a model is asked."""

    place: Workplace
    context: TenantContext
    generation: BankGeneration
    pieces: list[_Piece]
    concepts: Mapping[str, UUID]

    @classmethod
    async def begin(cls, place: Workplace, context: TenantContext, generation_id: UUID) -> Self:
        """Read what is asked for, and cut the sections into the same batches each time."""
        async with place.database.tenant_transaction(context) as session:
            generation = (await session.scalars(queries.stored_generation(context, generation_id))).one()
            wanted = set(generation.request["section_ids"])
            found = await session.scalars(queries.sections_of(context.tenant.value, generation.curriculum_id))
            sections = [section for section in found if str(section.id) in wanted]
            names = [name for section in sections for name in section.concepts]
            named = await session.scalars(queries.concepts_called(context, names))
            concepts = {concept.name.lower(): concept.id for concept in named}
        pieces = [piece for section in sections for piece in _pieces(section, generation.request["counts"])]
        return cls(place=place, context=context, generation=generation, pieces=pieces, concepts=concepts)

    async def run(self, task: Task[Any, Any, Any]) -> None:
        """Write the batches that are left, and end the job, or come back later."""
        try:
            await self._write_with_model()
        except CancelledError:
            return
        except ProviderUnavailableError as error:
            if await self._waits(task, error):
                return
            await self._write_offline(error.reason)
        except AiError as error:
            logger.warning("bank_offline", generation_id=str(self.generation.id), reason=error.reason)
            await self._write_offline(error.reason)
        await self._end()

    async def _write_with_model(self) -> None:
        async for piece, prompts in self._left():
            desk = self._desk(piece.section)
            judged = await write_batch(desk, piece.batch, _lesson(piece), [], prompts)
            await self._store(piece, judged)

    async def _write_offline(self, reason: str) -> None:
        try:
            async for piece, prompts in self._left():
                wanted = Draft(piece.language, Difficulty(self._difficulty or Difficulty.MEDIUM))
                source = piece.section.source_text
                judged = draft_batch(piece.batch, _lesson(piece), (source, wanted), ([], prompts))
                await self._store(piece, judged, reason)
        except CancelledError:
            return

    async def _left(self) -> AsyncIterator[tuple[_Piece, list[str]]]:
        """Yield each batch that is not done, with what the bank asks already. Raises CancelledError."""
        for piece in self.pieces:
            async with self.place.database.tenant_transaction(self.context) as session:
                await self._require_wanted(session)
                done = await session.scalars(queries.batches_of(self.context, self.generation.id))
                is_done = any(
                    (row.section_id, row.batch) == (piece.section.id, piece.batch.number) for row in done
                )
                newest = queries.newest_prompts(self.context, self.generation.bank_id, REMEMBERED_PROMPTS)
                prompts = list(await session.scalars(newest))
            if not is_done:
                yield piece, prompts

    async def _store(self, piece: _Piece, judged: Sequence[Judged], reason: str | None = None) -> None:
        """Put what passed into the bank, and note that the batch is done, in one transaction."""
        passed = [entry for entry in judged if entry.has_passed]
        failed = [entry for entry in judged if not entry.has_passed]
        async with self.place.database.tenant_transaction(self.context) as session:
            await self._require_wanted(session)
            statement = queries.stored_generation(self.context, self.generation.id).with_for_update()
            generation = (await session.scalars(statement)).one()
            generation.waiting_since = generation.waiting_since if reason else None
            generation.offline_reason = reason or generation.offline_reason
            bank = await self._bank(session)
            session.add(self._batch_row(piece, len(passed), failed))
            await add_bank_questions(session, self._teacher, bank, self._drafts(piece, passed))
            percent = (self.pieces.index(piece) + 1) * 95 // len(self.pieces)
            await report_progress(session, generation.job_id, percent)

    def _drafts(self, piece: _Piece, passed: Sequence[Judged]) -> list[BankQuestionDraft]:
        written = [entry.question for entry in passed if entry.question is not None]
        return [
            BankQuestionDraft(
                name=None,
                body=body_of_written(question, self._tagged(question.concept)),
                provenance=self._provenance(piece.section, entry),
            )
            for question, entry in zip(spread_keys(written, piece.section.id), passed, strict=True)
        ]

    def _tagged(self, concept: str | None) -> dict[str, UUID]:
        """Return the district's concept of this name, where it has one."""
        known = self.concepts.get((concept or "").lower())
        return {} if concept is None or known is None else {concept: known}

    def _provenance(self, section: CurriculumSection, entry: Judged) -> dict[str, Any]:
        """Who wrote it, from which pages of which files, and what it passed."""
        by = GenerationMode.AI if "model" in entry.origin else GenerationMode.OFFLINE
        shown = ("file_id", "file_name", "first_page", "last_page")
        return {
            "origin": by.value,
            "generation_id": str(self.generation.id),
            "curriculum_id": str(self.generation.curriculum_id),
            "section_id": str(section.id),
            "sources": [{name: span[name] for name in shown} for span in section.spans],
            **entry.origin,
            "gate": [finding.check for finding in entry.findings],
        }

    def _batch_row(self, piece: _Piece, passed: int, failed: Sequence[Judged]) -> BankGenerationBatch:
        return BankGenerationBatch(
            district_id=self.generation.district_id,
            school_id=self.generation.school_id,
            id=new_id(),
            generation_id=self.generation.id,
            section_id=piece.section.id,
            batch=piece.batch.number,
            passed=passed,
            failed=len(failed),
            findings=[
                {"check": finding.check, "reason": finding.reason}
                for entry in failed
                for finding in entry.findings
                if not finding.passed
            ],
        )

    async def _bank(self, session: AsyncSession) -> QuestionBank:
        """Return the bank, locked. Raises CancelledError when its owner has removed it."""
        statement = queries.stored_bank(self.context, self.generation.bank_id).with_for_update()
        bank: QuestionBank | None = await session.scalar(statement)
        if bank is None:
            raise CancelledError
        return bank

    async def _waits(self, task: Task[Any, Any, Any], error: ProviderUnavailableError) -> bool:
        """Come back later when the provider has not been away for too long; returns whether we do."""
        now = self.place.clock()
        async with self.place.database.tenant_transaction(self.context) as session:
            await self._require_wanted(session)
            statement = queries.stored_generation(self.context, self.generation.id).with_for_update()
            generation = (await session.scalars(statement)).one()
            generation.waiting_since = generation.waiting_since or now
            pause = pause_before(generation.waiting_since, now, error, self.place.settings)
            if pause is None:
                return False
            await enqueue(session, task, not_before=now + pause, generation_id=generation.id)
            await wait_again(session, generation.job_id)
        return True

    async def _end(self) -> None:
        """Count what came of it, and end the job."""
        async with self.place.database.tenant_transaction(self.context) as session:
            try:
                await self._require_wanted(session)
            except CancelledError:
                return
            statement = queries.stored_generation(self.context, self.generation.id).with_for_update()
            generation = (await session.scalars(statement)).one()
            rows = (await session.scalars(queries.batches_of(self.context, generation.id))).all()
            is_offline = generation.offline_reason is not None
            generation.mode = GenerationMode.OFFLINE if is_offline else GenerationMode.AI
            generation.finished_at = self.place.clock()
            result = {
                "bank_id": str(generation.bank_id),
                "mode": generation.mode,
                "offline_reason": generation.offline_reason,
                "sections": len({row.section_id for row in rows}),
                "passed": sum(row.passed for row in rows),
                "failed": sum(row.failed for row in rows),
            }
            if result["passed"]:
                await finish_job(session, str(generation.job_id), result)
            else:
                failed = {**result, "code": "no_question_passed"}
                await fail_job(session, str(generation.job_id), _NOTHING, failed)

    async def _require_wanted(self, session: AsyncSession) -> None:
        """Raise CancelledError when the job has ended; else nobody ends it before we have committed."""
        job = await session.scalar(held_job(self.context, self.generation.job_id))
        if job is None or job.finished_at is not None:
            raise CancelledError

    async def _still_wanted(self) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            await self._require_wanted(session)

    def _desk(self, section: CurriculumSection) -> Desk:
        return Desk(
            model=model_of(self.place),
            context=self.context,
            columns=self.place.ring.columns,
            generation_id=section.id,
            school_id=self.generation.school_id,
            difficulty=self._difficulty,
            concepts=tuple(section.concepts),
            require_wanted=self._still_wanted,
        )

    @property
    def _difficulty(self) -> str | None:
        difficulty: str | None = self.generation.request.get("difficulty")
        return difficulty

    @property
    def _teacher(self) -> Actor:
        """On whose behalf the bank is filled: what they may no longer do, the job may not either."""
        return Actor(
            self.generation.requested_by,
            Role.TEACHER,
            tenant=self.context.tenant,
            school_id=self.generation.school_id,
            session_id=self.generation.job_id,
        )


def _pieces(section: CurriculumSection, counts: dict[str, int]) -> Iterator[_Piece]:
    language = language_of(section.source_text)
    for batch in plan_batches(split_passages(section.source_text), **counts):
        yield _Piece(section, batch, language)


def _lesson(piece: _Piece) -> Lesson:
    return Lesson.of(piece.batch.passage, grade_level=None, language=piece.language)
