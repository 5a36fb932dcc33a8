"""Finding sections in files, and writing questions about them, in the background: resumable, and never half done."""

from uuid import UUID

from core.jobs import RETRIES, Workplace, job_app, job_context

OUTLINE_KIND = "outline_curriculum"
REGENERATE_KIND = "regenerate_section"
BANK_KIND = "write_bank"


@job_app.task(name="curricula.outline_curriculum", queue="generation", retry=RETRIES)
async def outline_curriculum(district_id: str, curriculum_id: str) -> None:
    """Find the sections of a curriculum in its files; safe to run again at any point."""
    from api.curricula.outlining import Outlining  # noqa: PLC0415 - libraries that only workers load

    await Outlining(Workplace.get(), job_context(district_id), UUID(curriculum_id)).run(outline_curriculum)


@job_app.task(name="curricula.regenerate_section", queue="generation", retry=RETRIES)
async def regenerate_section(district_id: str, curriculum_id: str, section_id: str, job_id: str) -> None:
    """Find title, objectives and concepts of one section anew."""
    from api.curricula.regeneration import Regeneration  # noqa: PLC0415

    ids = UUID(curriculum_id), UUID(section_id), UUID(job_id)
    await Regeneration(Workplace.get(), job_context(district_id), *ids).run()


@job_app.task(name="curricula.write_bank", queue="generation", retry=RETRIES)
async def write_bank(district_id: str, generation_id: str) -> None:
    """Write the questions of a bank, batch by batch; safe to run again at any point."""
    from api.curricula.bank_writing import BankRun  # noqa: PLC0415

    await (await BankRun.begin(Workplace.get(), job_context(district_id), UUID(generation_id))).run(
        write_bank
    )
