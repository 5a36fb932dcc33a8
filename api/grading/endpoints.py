"""What a teacher says about grades."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, ok
from api.grading import service
from api.grading.schemas import EntriesIn, EntriesOut, OverrideIn, Published, PublishIn, WordIn, WordOut
from api.idempotency import Idempotent
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/grades", tags=["grades"])

Grader = Annotated[Actor, allowed(Permission.GRADE_MANAGE)]
Shown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_MANAGE)]


@router.post("/entries", status_code=201)
async def enter_scores(
    body: EntriesIn, actor: Grader, db: Db, once: Idempotent, shown: Shown, now: Now
) -> Envelope[EntriesOut]:
    """Enter scores of an assignment, up to 200 students at once; each gets its own result.

    An entry counts instead of what the attempts earned; one without score, percent, letter or passed takes it back.
    """

    async def enter() -> EntriesOut:
        return EntriesOut(items=await service.enter_scores(db, actor, body, now=now))

    entered = await once.run(EntriesOut, enter)
    shown.of(item.student_id for item in entered.items if item.status == "accepted")
    return ok(entered)


@router.post("/publish")
async def publish_grades(
    body: PublishIn, actor: Grader, db: Db, once: Idempotent, now: Now
) -> Envelope[Published]:
    """Show the grades of an assignment to its students, or hide them again."""
    return ok(await once.run(Published, lambda: service.publish_grades(db, actor, body, now=now)))


@router.put("/{grade_id}/override")
async def override_grade(
    grade_id: UUID, body: OverrideIn, actor: Grader, db: Db, shown: Shown, now: Now
) -> Envelope[WordOut]:
    """Let a score, percent or letter stand over everything else; nothing automatic changes it."""
    grade = await service.override_grade(db, actor, grade_id, body, now=now)
    shown.of([grade.student_id])
    return ok(grade)


@router.delete("/{grade_id}/override")
async def withdraw_override(
    grade_id: UUID, actor: Grader, db: Db, shown: Shown, now: Now
) -> Envelope[WordOut]:
    """Let what was earned or entered count again."""
    grade = await service.withdraw_override(db, actor, grade_id, now=now)
    shown.of([grade.student_id])
    return ok(grade)


@router.patch("/{grade_id}")
async def judge_circumstances(
    grade_id: UUID, body: WordIn, actor: Grader, db: Db, shown: Shown, now: Now
) -> Envelope[WordOut]:
    """Excuse work, or say that it is missing, or how late it is; null gives the word back."""
    grade = await service.judge_circumstances(db, actor, grade_id, body, now=now)
    shown.of([grade.student_id])
    return ok(grade)
