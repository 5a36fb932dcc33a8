"""How classes are graded."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.etags import IfMatch, show_version
from api.grading_policies import recalculation, service
from api.grading_policies.schemas import (
    CategoriesIn,
    CategoriesOut,
    PolicyIn,
    PolicyOut,
    RecalculateIn,
    Recalculation,
    SimulateIn,
    Simulation,
)
from api.idempotency import Idempotent
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/classes/{class_id}", tags=["grades"])
calculations = APIRouter(prefix="/grades", tags=["grades"])

Reader = Annotated[Actor, allowed(Permission.GRADING_POLICY_READ)]
Manager = Annotated[Actor, allowed(Permission.GRADING_POLICY_MANAGE)]
Grader = Annotated[Actor, allowed(Permission.GRADE_MANAGE)]
SimulationShown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADING_POLICY_MANAGE)]
RecalculationShown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_MANAGE)]


@router.get("/grading-policy")
async def read_policy(class_id: UUID, actor: Reader, db: Db, response: Response) -> Envelope[PolicyOut]:
    """Read how a class is graded, its students too; version 0 is the default policy."""
    policy = await service.read_policy(db, actor, class_id)
    show_version(response, policy.version)
    return ok(policy)


@router.put("/grading-policy")
async def change_policy(
    *,
    class_id: UUID,
    body: PolicyIn,
    actor: Manager,
    db: Db,
    seen: IfMatch,
    now: Now,
    response: Response,
) -> Envelope[PolicyOut]:
    """Grade a class by a new version of its policy; all its grades follow at once, what a teacher entered stays.

    Ask `POST /grades/simulate` first what it would change.
    """
    policy = await service.change_policy(db, actor, class_id, body, seen=seen, now=now)
    show_version(response, policy.version)
    return ok(policy)


@router.get("/grading-policy/versions")
async def list_versions(class_id: UUID, actor: Reader, db: Db, page: Paging) -> Envelope[Page[PolicyOut]]:
    """List every policy the class has had, newest first."""
    items, cursor = await service.list_versions(db, actor, class_id, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/categories")
async def read_categories(
    class_id: UUID, actor: Reader, db: Db, response: Response
) -> Envelope[CategoriesOut]:
    """Read the categories of a class: a part of its grading policy, under the same version."""
    policy = await service.read_policy(db, actor, class_id)
    show_version(response, policy.version)
    return ok(CategoriesOut.model_validate(policy))


@router.put("/categories")
async def change_categories(
    *,
    class_id: UUID,
    body: CategoriesIn,
    actor: Manager,
    db: Db,
    seen: IfMatch,
    now: Now,
    response: Response,
) -> Envelope[CategoriesOut]:
    """Put new categories in the place of the class's; one that keeps its id may change its name.

    It is a new version of the policy. Assignments that named a category by its old name name it by the new one.
    """
    changed = await service.change_categories(db, actor, class_id, body, seen=seen, now=now)
    show_version(response, changed.version)
    return ok(changed)


@calculations.post("/simulate")
async def simulate(
    body: SimulateIn, actor: Manager, db: Db, shown: SimulationShown, now: Now
) -> Envelope[Simulation]:
    """Say what a policy would make of each student's grades: exactly what storing it would; nothing is stored."""
    simulation = await recalculation.simulate(db, actor, body.class_id, body.policy, now=now)
    shown.of(student.student_id for student in simulation.students)
    return ok(simulation)


@calculations.post("/recalculate")
async def recalculate(
    body: RecalculateIn, actor: Grader, db: Db, shown: RecalculationShown, once: Idempotent, now: Now
) -> Envelope[Recalculation]:
    """Compute a class's grades anew from attempts, entries and policy; a second time nothing changes."""
    result = await once.run(
        Recalculation, lambda: recalculation.recalculate(db, actor, body.class_id, now=now)
    )
    shown.of(grade.student_id for grade in result.grades)
    return ok(result)
