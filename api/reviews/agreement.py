"""How far models and teachers agree."""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.service import find_assignment
from api.classes.service import find_class
from api.reviews import queries
from api.reviews.schemas import Agreement, AgreementOut, PromptAgreement
from core.domain.agreement import mean_difference, quadratic_weighted_kappa
from core.domain.grading import percent
from core.tenancy import Actor

SMALL_CELL = 10
"""Below it a number would speak of single students to people who do not teach them."""
FULL = Decimal(100)
Pairs = list[tuple[Decimal, Decimal]]
"""Proposal and decision in percent of what the question is worth."""


async def read_agreement(
    session: AsyncSession, actor: Actor, *, assignment_id: UUID | None, class_id: UUID | None
) -> AgreementOut:
    """Compare proposals with decisions, of an assignment, a class, or all the actor sees. Raises NotFoundError."""
    if class_id is not None:
        await find_class(session, actor, class_id)
    if assignment_id is not None:
        await find_assignment(session, actor, assignment_id)
    statement = queries.decided_proposals(actor, assignment_id=assignment_id, class_id=class_id)
    prompts: dict[tuple[str | None, str | None], Pairs] = defaultdict(list)
    for model, prompt, score, human_score, possible, count in await session.execute(statement):
        pair = (FULL * score / possible, FULL * human_score / possible)
        prompts[model, prompt] += [pair] * count
    most_first = sorted(prompts.items(), key=lambda entry: (-len(entry[1]), str(entry[0])))
    everything = [pair for pairs in prompts.values() for pair in pairs]
    return AgreementOut(
        overall=Agreement(**_agreement(actor, everything)),
        by_prompt=[
            PromptAgreement(model=model, prompt_version=prompt, **_agreement(actor, pairs))
            for (model, prompt), pairs in most_first[: queries.MOST_PROMPTS]
        ],
    )


def _agreement(actor: Actor, pairs: Pairs) -> dict[str, Any]:
    decided, is_small = len(pairs), len(pairs) < SMALL_CELL
    if is_small and not actor.is_teacher:
        names = ("agreed_exactly", "agreement_percent", "mean_difference", "quadratic_weighted_kappa")
        return {"decided": decided, "is_small_cell": True, **dict.fromkeys(names)}
    agreed = sum(one == other for one, other in pairs)
    return {
        "decided": decided,
        "agreed_exactly": agreed,
        "agreement_percent": percent(Decimal(agreed), Decimal(decided)),
        "mean_difference": mean_difference(pairs),
        "quadratic_weighted_kappa": quadratic_weighted_kappa(pairs),
        "is_small_cell": is_small,
    }
