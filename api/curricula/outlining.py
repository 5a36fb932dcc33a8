"""Finding the sections of a curriculum: with a model, or without one and saying so."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import structlog
from procrastinate.tasks import Task
from sqlalchemy.ext.asyncio import AsyncSession

from api.curricula import queries
from api.curricula.ai_outline import OutlineDesk, outline_with_model
from api.curricula.offline_outline import outline_offline
from api.curricula.outline import Outline, OutlinedSection, SourceFile
from api.curricula.service import keep_version
from api.extraction.result import Extraction
from api.generation.running import CancelledError, model_of
from api.generation.waiting import pause_before
from api.jobs.service import fail_job, finish_job, report_progress, wait_again
from core.ai import AiError, ProviderUnavailableError
from core.ids import new_id
from core.jobs import Workplace, enqueue
from core.models import Curriculum, CurriculumSection, CurriculumStatus, GenerationMode
from core.tenancy import TenantContext

logger = structlog.get_logger(__name__)

_NOTHING = "Nothing to teach was found in these files; write the sections by hand, or send other files."


@dataclass(frozen=True)
class Outlining:
    """One run. It holds no transaction while a model is asked, and writes the sections all at once."""

    place: Workplace
    context: TenantContext
    curriculum_id: UUID

    async def run(self, task: Task[Any, Any, Any]) -> None:
        """Find the sections, or do nothing when they are there or nobody wants them any more."""
        curriculum, files = await self._begin()
        if curriculum is None:
            return
        reason = None
        try:
            outline = await outline_with_model(self._desk(curriculum), files)
        except CancelledError:
            return
        except ProviderUnavailableError as error:
            if await self._waits(task, error):
                return
            outline, reason = outline_offline(files), error.reason
        except AiError as error:
            logger.warning("outline_offline", curriculum_id=str(self.curriculum_id), reason=error.reason)
            outline, reason = outline_offline(files), error.reason
        await self._end(outline, reason)

    async def _begin(self) -> tuple[Curriculum | None, list[SourceFile]]:
        async with self.place.database.tenant_transaction(self.context) as session:
            curriculum = await self._wanted(session)
            if curriculum is None:
                return None, []
            await report_progress(session, curriculum.job_id, 1)
            found = await session.execute(queries.texts_of(self.context, self.curriculum_id))
            files = [
                SourceFile(place.file_id, place.name, Extraction.model_validate(file.extraction).blocks)
                for place, file in found
                if file.extraction is not None  # taken back in the meantime
            ]
        return curriculum, files

    async def _wanted(self, session: AsyncSession) -> Curriculum | None:
        """Return the curriculum, locked; None when it has its sections, or was removed."""
        statement = queries.stored_curriculum(self.context, self.curriculum_id).with_for_update()
        found: Curriculum | None = await session.scalar(statement)
        is_open = found is not None and found.status is CurriculumStatus.OUTLINING
        return found if is_open and found is not None and found.deleted_at is None else None

    async def _require_wanted(self) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            if await self._wanted(session) is None:
                raise CancelledError

    async def _report(self, percent: int) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            curriculum = await self._wanted(session)
            if curriculum is not None:
                await report_progress(session, curriculum.job_id, percent)

    async def _waits(self, task: Task[Any, Any, Any], error: ProviderUnavailableError) -> bool:
        """Come back later when the provider has not been away for too long; returns whether we do."""
        now = self.place.clock()
        async with self.place.database.tenant_transaction(self.context) as session:
            curriculum = await self._wanted(session)
            if curriculum is None:
                return True
            curriculum.waiting_since = curriculum.waiting_since or now
            pause = pause_before(curriculum.waiting_since, now, error, self.place.settings)
            if pause is None:
                return False
            await enqueue(session, task, not_before=now + pause, curriculum_id=self.curriculum_id)
            await wait_again(session, curriculum.job_id)
        return True

    async def _end(self, outline: Outline, reason: str | None) -> None:
        """Write the sections and the first version, and end the job: all or nothing."""
        async with self.place.database.tenant_transaction(self.context) as session:
            curriculum = await self._wanted(session)
            if curriculum is None:
                return
            job_id = str(curriculum.job_id)
            curriculum.offline_reason, curriculum.waiting_since = reason, None
            if not outline.sections:
                curriculum.status = CurriculumStatus.FAILED
                told = {"curriculum_id": str(self.curriculum_id), "code": "no_sections"}
                await fail_job(session, job_id, _NOTHING, told)
                return
            curriculum.mode = GenerationMode(outline.origin["mode"])
            curriculum.status = CurriculumStatus.DRAFT
            session.add_all(rows_of(curriculum, outline.sections, outline.origin))
            await session.flush()
            await keep_version(session, curriculum, "outlined", saved_by=curriculum.owner_id)
            result = {
                "curriculum_id": str(self.curriculum_id),
                "mode": curriculum.mode,
                "offline_reason": reason,
                "sections": len(outline.sections),
            }
            await finish_job(session, job_id, result)

    def _desk(self, curriculum: Curriculum) -> OutlineDesk:
        return OutlineDesk(
            model=model_of(self.place),
            context=self.context,
            columns=self.place.ring.columns,
            curriculum_id=self.curriculum_id,
            school_id=curriculum.school_id,
            require_wanted=self._require_wanted,
            report=self._report,
        )


def rows_of(
    curriculum: Curriculum, sections: Sequence[OutlinedSection], origin: dict[str, Any]
) -> list[CurriculumSection]:
    return [
        CurriculumSection(
            district_id=curriculum.district_id,
            school_id=curriculum.school_id,
            id=new_id(),
            curriculum_id=curriculum.id,
            position=position,
            unit=section.unit,
            title=section.title,
            objectives=section.objectives,
            concepts=section.concepts,
            source_text=section.source_text,
            spans=[{**asdict(span), "file_id": str(span.file_id)} for span in section.spans],
            origin=origin,
        )
        for position, section in enumerate(sections, start=1)
    ]
