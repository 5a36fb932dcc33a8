"""A file that was read, the curriculum made of it, and a bank written from that."""

import itertools
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from api.extraction.result import Block, BlockKind, Extraction
from core.ids import new_id
from core.models import (
    BankGeneration,
    BankGenerationBatch,
    Curriculum,
    CurriculumFile,
    CurriculumRevision,
    CurriculumSection,
    CurriculumStatus,
    FileRemoval,
    FileStatus,
    GenerationMode,
    QuestionBank,
    RemovalReason,
    UploadedFile,
    User,
)
from tests.factories.saving import canary, saved

_versions = itertools.count(1)
"""No two are alike: a row that points at another's curriculum must fail for that, and not for its number."""

PARAGRAPH = (
    "Plants turn light into sugar. The leaves hold chlorophyll, which takes in red and blue light and gives back"
    " green. Water rises through the stem, and carbon dioxide enters through small openings that are called stomata."
    " At night the plant breathes as animals do and burns sugar with oxygen."
)


def make_file(session: Session, owner: User) -> UploadedFile:
    """Read and removed, with the evidence."""
    mark = canary(owner.district_id, owner.school_id)
    now = datetime.now(UTC)
    extraction = Extraction(
        blocks=[
            Block(kind=BlockKind.HEADING, text=f"How plants live {mark}", page=1, level=1),
            Block(kind=BlockKind.PARAGRAPH, text=PARAGRAPH, page=1),
        ],
        language="en",
    )
    file = UploadedFile(
        district_id=owner.district_id,
        school_id=owner.school_id,
        id=new_id(),
        owner_id=owner.id,
        job_id=new_id(),
        name=f"plants {mark}.pdf",
        kind="pdf",
        byte_count=4_096,
        sha256=new_id().hex + new_id().hex,
        status=FileStatus.READY,
        extraction=extraction.model_dump(mode="json"),
        uploaded_at=now,
        delete_by=now + timedelta(hours=24),
        removed_at=now,
    )
    saved(session, file)
    saved(
        session,
        FileRemoval(
            district_id=owner.district_id,
            school_id=owner.school_id,
            id=new_id(),
            file_id=file.id,
            object_key=f"uploads/district_id={owner.district_id}/1-{new_id().hex}",
            reason=RemovalReason.PROCESSED,
            removed_at=now,
        ),
    )
    return file


def make_curriculum(
    session: Session, owner: User, file: UploadedFile, status: CurriculumStatus = CurriculumStatus.DRAFT
) -> Curriculum:
    """A curriculum of one file, without sections."""
    curriculum = Curriculum(
        district_id=owner.district_id,
        school_id=owner.school_id,
        id=new_id(),
        owner_id=owner.id,
        title=f"Plants {canary(owner.district_id, owner.school_id)}",
        status=status,
        job_id=new_id(),
        mode=GenerationMode.OFFLINE,
        offline_reason="no_key",
        version=next(_versions),
        finalized_at=datetime.now(UTC) if status is CurriculumStatus.FINALIZED else None,
    )
    saved(session, curriculum)
    place = CurriculumFile(
        district_id=owner.district_id,
        school_id=owner.school_id,
        id=new_id(),
        curriculum_id=curriculum.id,
        file_id=file.id,
        position=1,
        name=file.name,
    )
    saved(session, place)
    revision = CurriculumRevision(
        district_id=owner.district_id,
        school_id=owner.school_id,
        id=new_id(),
        curriculum_id=curriculum.id,
        version=curriculum.version,
        what="outlined",
        content={"title": curriculum.title, "sections": []},
        saved_by=owner.id,
    )
    saved(session, revision)
    return curriculum


def make_section(
    session: Session, curriculum: Curriculum, file: UploadedFile, *, position: int = 1
) -> CurriculumSection:
    """A section with text for a few questions."""
    mark = canary(curriculum.district_id, curriculum.school_id)
    section = CurriculumSection(
        district_id=curriculum.district_id,
        school_id=curriculum.school_id,
        id=new_id(),
        curriculum_id=curriculum.id,
        position=position,
        unit=f"Plants {mark}",
        title=f"Photosynthesis {position}",
        objectives=["Explain what plants make of light."],
        concepts=["chlorophyll"],
        source_text=f"{PARAGRAPH} {mark}",
        spans=[
            {
                "file_id": str(file.id),
                "file_name": file.name,
                "first_block": 0,
                "last_block": 1,
                "first_page": 1,
                "last_page": 1,
            }
        ],
        origin={"mode": "offline"},
    )
    return saved(session, section)


def make_bank_generation(session: Session, section: CurriculumSection, bank: QuestionBank) -> BankGeneration:
    """A bank that was written from one section, one batch of it done."""
    generation = BankGeneration(
        district_id=bank.district_id,
        school_id=bank.school_id,
        id=new_id(),
        curriculum_id=section.curriculum_id,
        bank_id=bank.id,
        requested_by=bank.owner_id,
        job_id=new_id(),
        request={
            "counts": {"multiple_choice": 1, "free_response": 0},
            "section_ids": [str(section.id)],
            "difficulty": None,
        },
        mode=GenerationMode.OFFLINE,
        offline_reason="no_key",
        finished_at=datetime.now(UTC),
    )
    saved(session, generation)
    batch = BankGenerationBatch(
        district_id=bank.district_id,
        school_id=bank.school_id,
        id=new_id(),
        generation_id=generation.id,
        section_id=section.id,
        batch=0,
        passed=1,
        failed=0,
        findings=[],
    )
    saved(session, batch)
    return generation
