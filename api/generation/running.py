"""One run of a generation: which batches are left, who writes them, and how it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from procrastinate.tasks import Task
from sqlalchemy.ext.asyncio import AsyncSession

from api.generation import queries
from api.generation.drafting import fill_draft, question_in, store_candidates
from api.generation.gate import Lesson
from api.generation.offline import Draft
from api.generation.offline_writing import draft_batch
from api.generation.passages import Batch, plan_batches, split_passages
from api.generation.reading import language_of
from api.generation.replies import WrittenQuestion
from api.generation.waiting import pause_before
from api.generation.writing import Desk, Judged, write_batch
from api.jobs.service import fail_job, finish_job, report_progress, wait_again
from core.ai import Model, ProviderUnavailableError
from core.db import savepoint
from core.errors import AppError
from core.jobs import Workplace, enqueue
from core.models import CandidateState, Difficulty, GenerationMode, QuizGeneration
from core.tenancy import TenantContext

_NOTHING = "No question passed the checks; try another passage, or write the questions by hand."


class CancelledError(Exception):
    """Whoever asked for it does not want it any more, or has it already."""


@dataclass(kw_only=True)
class Run:
    """A generation at work. It holds no transaction while a model is asked."""

    place: Workplace
    context: TenantContext
    generation: QuizGeneration
    grade_level: int | None
    concepts: tuple[str, ...]
    language: str
    batches: list[Batch]

    @classmethod
    async def begin(cls, place: Workplace, context: TenantContext, generation_id: UUID) -> Self:
        """Read what is asked for and cut the source into batches: the same ones each time."""
        async with place.database.tenant_transaction(context) as session:
            found = await session.execute(queries.generation_with_class(context, generation_id))
            generation, school_class = found.one()
            wanted = [UUID(concept) for concept in generation.request.get("concept_ids", [])]
            named = list(await session.scalars(queries.concepts_named(context, wanted))) if wanted else []
        return cls(
            place=place,
            context=context,
            generation=generation,
            grade_level=school_class.grade_level,
            concepts=tuple(concept.name for concept in named),
            language=language_of(generation.source_text),
            batches=plan_batches(split_passages(generation.source_text), **generation.request["counts"]),
        )

    async def write(self) -> None:
        """Have the batches that are left written by the model, one transaction each.

        Raises CancelledError, or what `Model.ask` raises when no model can answer.
        """
        desk = self._desk()
        for batch in self.batches:
            done, present, prompts = await self._so_far(batch)
            if not done:
                judged = await write_batch(desk, batch, self._lesson(batch), present, prompts)
                await self._store(batch, judged)

    async def write_offline(self, reason: str) -> None:
        """Draft the batches that are left without a model, and say why. Raises CancelledError."""
        source, wanted = self.generation.source_text, Draft(self.language, self._difficulty)
        for batch in self.batches:
            done, present, prompts = await self._so_far(batch)
            if not done:
                lesson = self._lesson(batch)
                judged = draft_batch(batch, lesson, (source, wanted), (present, prompts))
                await self._store(batch, judged, reason)

    async def waits(self, task: Task[Any, Any, Any], error: ProviderUnavailableError) -> bool:
        """Come back later when the provider has not been away for too long; returns whether we do."""
        now = self.place.clock()
        async with self.place.database.tenant_transaction(self.context) as session:
            await self._require_wanted(session)
            generation = (await session.scalars(self._own.with_for_update())).one()
            since = generation.waiting_since = generation.waiting_since or now
            pause = pause_before(since, now, error, self.place.settings)
            if pause is None:
                return False
            ids = {"generation_id": generation.id, "job_id": generation.job_id}
            await enqueue(session, task, not_before=now + pause, **ids)
            await wait_again(session, generation.job_id)
        return True

    async def end(self) -> None:
        """Put what passed into the draft and end the job, in one transaction."""
        now = self.place.clock()
        async with self.place.database.tenant_transaction(self.context) as session:
            try:
                await self._require_wanted(session)
            except CancelledError:
                return
            generation = (await session.scalars(self._own.with_for_update())).one()
            candidates = list(await session.scalars(queries.candidates_of(self.context, generation.id)))
            modes = {_mode_of(entry.content) for entry in candidates if entry.state is CandidateState.PASSED}
            generation.mode = (
                None if not modes else GenerationMode.AI if "ai" in modes else GenerationMode.OFFLINE
            )
            generation.finished_at = now
            try:
                async with savepoint(session):
                    count = await fill_draft(session, generation, candidates)
            except AppError as error:  # the draft is gone, published or full: nothing of ours is left in it
                await fail_job(session, str(generation.job_id), error.message, {"code": error.code})
                return
            result = self._result(generation, count, [entry.state for entry in candidates])
            if count:
                await finish_job(session, str(generation.job_id), result)
            else:
                failed = {**result, "code": "no_question_passed"}
                await fail_job(session, str(generation.job_id), _NOTHING, failed)

    def _result(
        self, generation: QuizGeneration, count: int, states: Sequence[CandidateState]
    ) -> dict[str, Any]:
        return {
            "assignment_id": str(generation.assignment_id),
            "mode": generation.mode,
            "offline_reason": generation.offline_reason,
            "asked": sum(generation.request["counts"].values()),
            "passed": count,
            "quarantined": sum(state is CandidateState.QUARANTINED for state in states),
        }

    async def _so_far(self, batch: Batch) -> tuple[bool, list[WrittenQuestion], list[str]]:
        """Return whether a batch is done, and what must not be repeated: written now, or standing there."""
        async with self.place.database.tenant_transaction(self.context) as session:
            await self._require_wanted(session)
            candidates = list(await session.scalars(queries.candidates_of(self.context, self.generation.id)))
            prompts = list(
                await session.scalars(queries.prompts_of(self.context, self.generation.assignment_id))
            )
        present = [question_in(entry) for entry in candidates if entry.state is CandidateState.PASSED]
        return any(entry.batch == batch.number for entry in candidates), present, prompts

    async def _store(self, batch: Batch, judged: Sequence[Judged], reason: str | None = None) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            await self._require_wanted(session)
            generation = (await session.scalars(self._own.with_for_update())).one()
            generation.offline_reason = reason
            generation.waiting_since = generation.waiting_since if reason else None
            store_candidates(session, generation, batch.number, judged)
            percent = (self.batches.index(batch) + 1) * 95 // len(self.batches)
            await report_progress(session, generation.job_id, percent)

    async def _still_wanted(self) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            await self._require_wanted(session)

    async def _require_wanted(self, session: AsyncSession) -> None:
        """Raise CancelledError when the job has ended; else nobody ends it before we have committed."""
        job = await session.scalar(queries.held_job(self.context, self.generation.job_id))
        if job is None or job.finished_at is not None:
            raise CancelledError

    def _desk(self) -> Desk:
        return Desk(
            model=model_of(self.place),
            context=self.context,
            columns=self.place.ring.columns,
            generation_id=self.generation.id,
            school_id=self.generation.school_id,
            difficulty=self.generation.request.get("difficulty"),
            concepts=self.concepts,
            require_wanted=self._still_wanted,
        )

    def _lesson(self, batch: Batch) -> Lesson:
        return Lesson.of(batch.passage, grade_level=self.grade_level, language=self.language)

    @property
    def _difficulty(self) -> Difficulty:
        return Difficulty(self.generation.request.get("difficulty") or Difficulty.MEDIUM)

    @property
    def _own(self) -> Any:
        return queries.generation_of(self.context, self.generation.id)


def _mode_of(content: dict[str, Any]) -> str:
    return "ai" if "model" in content["origin"] else "offline"


def model_of(place: Workplace) -> Model:
    """Return the workplace's one model: its circuit breaker must see every call."""
    global _model  # noqa: PLW0603 - a worker has one, and tasks have no other way to keep it
    if _model is None or _model[0] is not place:
        _model = (place, Model(place.database, place.settings, place.clock))
    return _model[1]


_model: tuple[Workplace, Model] | None = None
