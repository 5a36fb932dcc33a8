"""One section described anew: its title, objectives and concepts, from its own text."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select

from api.curricula import queries
from api.curricula.ai_outline import OutlineDesk, outline_with_model
from api.curricula.offline_outline import outline_offline
from api.curricula.outline import Outline, SourceFile
from api.curricula.outline_gate import MOST_CONCEPTS, MOST_OBJECTIVES
from api.curricula.service import keep_version
from api.extraction.result import Block, BlockKind
from api.generation.passages import split_passages
from api.generation.running import CancelledError, model_of
from api.jobs.service import fail_job, finish_job, report_progress
from core.ai import AiError
from core.jobs import Workplace
from core.models import CurriculumSection, CurriculumStatus
from core.tenancy import TenantContext

_PASSAGE = 2_000
"""Characters of a block: a model names the blocks a section begins and ends with."""
_NO_DRAFT = "The section is not there any more, or its curriculum is final."


@dataclass(frozen=True)
class Regeneration:
    """One run; whatever the model does, the section's text stays what it is."""

    place: Workplace
    context: TenantContext
    curriculum_id: UUID
    section_id: UUID
    job_id: UUID

    async def run(self) -> None:
        """Describe the section and end the job."""
        async with self.place.database.tenant_transaction(self.context) as session:
            section = await session.scalar(self._own)
        if section is None:
            await self._end(None, None)
            return
        blocks = [
            Block(kind=BlockKind.PARAGRAPH, text=text)
            for text in split_passages(section.source_text, _PASSAGE)
        ]
        source = [SourceFile(self.section_id, section.title, blocks)]
        try:
            outline, reason = await outline_with_model(self._desk(section), source), None
        except CancelledError:
            return
        except AiError as error:
            outline, reason = outline_offline(source), error.reason
        await self._end(outline, reason)

    @property
    def _own(self) -> Select[tuple[CurriculumSection]]:
        return queries.section_of(self.context.tenant.value, self.curriculum_id, self.section_id)

    async def _end(self, outline: Outline | None, reason: str | None) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            curriculum = await session.scalar(
                queries.stored_curriculum(self.context, self.curriculum_id).with_for_update()
            )
            current = await session.scalar(self._own)
            is_draft = curriculum is not None and curriculum.status is CurriculumStatus.DRAFT
            if (
                outline is None
                or not outline.sections
                or current is None
                or curriculum is None
                or not is_draft
            ):
                await fail_job(session, str(self.job_id), _NO_DRAFT, {"code": "section_gone"})
                return
            describe(current, outline)
            curriculum.version += 1
            await session.flush()
            await keep_version(session, curriculum, "section_regenerated", saved_by=curriculum.owner_id)
            result = {
                "section_id": str(self.section_id),
                "mode": outline.origin["mode"],
                "offline_reason": reason,
                "version": curriculum.version,
            }
            await finish_job(session, str(self.job_id), result)

    def _desk(self, section: CurriculumSection) -> OutlineDesk:
        return OutlineDesk(
            model=model_of(self.place),
            context=self.context,
            columns=self.place.ring.columns,
            curriculum_id=self.curriculum_id,
            school_id=section.school_id,
            require_wanted=self._require_wanted,
            report=self._report,
        )

    async def _require_wanted(self) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            if await session.scalar(self._own) is None:
                raise CancelledError

    async def _report(self, percent: int) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            await report_progress(session, self.job_id, percent)


def describe(section: CurriculumSection, outline: Outline) -> None:
    """Give a section the first title that was found in its text, and everything it is about."""
    found = outline.sections
    section.title = found[0].title
    objectives = [objective for one in found for objective in one.objectives]
    concepts = [concept for one in found for concept in one.concepts]
    section.objectives = list(dict.fromkeys(objectives))[:MOST_OBJECTIVES]
    section.concepts = list(dict.fromkeys(concepts))[:MOST_CONCEPTS]
    section.origin = outline.origin
