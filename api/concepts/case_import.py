"""Concepts from a CASE framework: one per statement, known again by its identifier."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.concepts import queries
from api.concepts.prerequisites import Edge, add_edges
from api.concepts.schemas import CaseItem, CasePackage, CaseReport, SkippedStatement
from api.schemas import Line, legible
from core.audit import record_audit
from core.errors import InvalidInputError
from core.ids import new_id
from core.models import Concept
from core.tenancy import Actor

_LINE: TypeAdapter[str] = TypeAdapter(Line)
_PRECEDES = "precedes"
_NAME_LENGTH = 200
_CONTENT = ("subject", "name", "description", "code", "deleted_at")


@dataclass(slots=True)
class _Plan:
    """What an import will write."""

    subject: str
    concept_ids: dict[str, UUID] = field(default_factory=dict)
    """By CASE identifier."""
    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[SkippedStatement] = field(default_factory=list)


async def import_case(
    session: AsyncSession, actor: Actor, package: CasePackage, *, now: datetime, dry_run: bool
) -> CaseReport:
    """Create or update a concept per statement, and prerequisites from `precedes`; twice changes nothing more.

    Raises PrerequisiteCycleError when the framework's order, with ours, runs in a circle.
    """
    subject = _subject(package)
    await session.execute(queries.LOCK_GRAPH, {"district_id": str(actor.district_id)})
    identifiers = [item.identifier for item in package.items]
    present = list(await session.scalars(queries.concepts_of_import(actor, subject, identifiers)))
    plan = _planned(actor, subject, package.items, present)
    edges, left_aside = _edges(package, plan.concept_ids)
    if dry_run:
        added = len(edges - {tuple(edge) for edge in await session.execute(queries.all_edges(actor))})
    else:
        await _write(session, plan)
        added = await add_edges(session, actor, edges)
        await record_audit(
            session,
            actor,
            "imported",
            ("district", actor.district_id),
            now=now,
            details={"concepts_of": subject},
        )
    return CaseReport(
        subject=subject,
        created=len(plan.created),
        updated=len(plan.updated),
        unchanged=plan.unchanged,
        prerequisites_added=added,
        associations_left_aside=left_aside,
        skipped=plan.skipped[:1_000],
    )


def _subject(package: CasePackage) -> str:
    listed = package.document.get("subject")
    first = listed[0] if isinstance(listed, list) and listed else None
    subject = first or package.document.get("title")
    if not isinstance(subject, str) or not legible(subject).strip():
        raise InvalidInputError("The framework names neither a subject nor a title.", field="CFDocument")
    return legible(subject).strip()[:_NAME_LENGTH].strip()


def _planned(actor: Actor, subject: str, items: Iterable[CaseItem], present: Iterable[Concept]) -> _Plan:
    plan = _Plan(subject)
    by_identifier = {concept.sourced_id: concept for concept in present if concept.sourced_id}
    taken = {concept.name: concept.sourced_id for concept in present if concept.subject == subject}
    for item in items:
        content = _content(subject, item)
        if item.identifier in plan.concept_ids:
            _skip(plan, item, "duplicate_identifier", "The file holds this identifier twice.")
        elif taken.setdefault(content["name"], item.identifier) != item.identifier:
            _skip(plan, item, "name_taken", "Another concept of the subject has this name.")
        else:
            _place(actor, plan, item, by_identifier.get(item.identifier))
    return plan


def _skip(plan: _Plan, item: CaseItem, code: str, message: str) -> None:
    plan.skipped.append(SkippedStatement(identifier=item.identifier, code=code, message=message))


def _place(actor: Actor, plan: _Plan, item: CaseItem, known: Concept | None) -> None:
    content = _content(plan.subject, item)
    concept_id = new_id() if known is None else known.id
    plan.concept_ids[item.identifier] = concept_id
    row = {"district_id": actor.district_id, "id": concept_id, "sourced_id": item.identifier, **content}
    if known is None:
        plan.created.append(row)
    elif any(getattr(known, column) != content[column] for column in _CONTENT):
        plan.updated.append(row)
    else:
        plan.unchanged += 1


def _content(subject: str, item: CaseItem) -> dict[str, Any]:
    statement = item.abbreviated_statement or item.full_statement
    name = f"{item.human_coding_scheme} {statement}" if item.human_coding_scheme else statement
    return {
        "subject": subject,
        "name": " ".join(name.split())[:_NAME_LENGTH].strip(),
        "description": item.full_statement.strip(),
        "code": item.human_coding_scheme,
        "deleted_at": None,
    }


def _edges(package: CasePackage, concept_ids: dict[str, UUID]) -> tuple[set[Edge], int]:
    """Return prerequisites, and how many associations say something else or point outside of the file."""
    edges = {
        (concept_ids[association.destination.identifier], concept_ids[association.origin.identifier])
        for association in package.associations
        if association.association_type == _PRECEDES
        and {association.origin.identifier, association.destination.identifier} <= concept_ids.keys()
    }
    return edges, len(package.associations) - len(edges)


async def _write(session: AsyncSession, plan: _Plan) -> None:
    if plan.created:
        await session.execute(insert(Concept), plan.created)
    if plan.updated:
        await session.execute(update(Concept), plan.updated)
