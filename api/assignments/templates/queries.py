"""Which templates a teacher may use, and which ones change."""

from uuid import UUID

from sqlalchemy import Select, func, or_, select

from core.models import AssignmentTemplate
from core.tenancy import Actor


def usable_templates(actor: Actor) -> Select[tuple[AssignmentTemplate]]:
    """The teacher's own, and those that colleagues share with the school."""
    return select(AssignmentTemplate).where(
        AssignmentTemplate.district_id == actor.district_id,
        AssignmentTemplate.school_id == actor.school_id,
        AssignmentTemplate.deleted_at.is_(None),
        or_(AssignmentTemplate.owner_id == actor.user_id, AssignmentTemplate.is_shared),
    )


def usable_template(actor: Actor, template_id: UUID) -> Select[tuple[AssignmentTemplate]]:
    return usable_templates(actor).where(AssignmentTemplate.id == template_id)


def own_template(actor: Actor, template_id: UUID) -> Select[tuple[AssignmentTemplate]]:
    """For a change: a shared template of a colleague is none of one's own."""
    return (
        usable_template(actor, template_id)
        .where(AssignmentTemplate.owner_id == actor.user_id)
        .with_for_update()
    )


def listed_templates(actor: Actor) -> Select[tuple[UUID, str, bool, UUID, int, object]]:
    """What a list shows; the questions stay where they are and are counted there."""
    return usable_templates(actor).with_only_columns(
        AssignmentTemplate.id,
        AssignmentTemplate.title,
        AssignmentTemplate.is_shared,
        AssignmentTemplate.owner_id,
        func.jsonb_array_length(AssignmentTemplate.content["questions"]).label("question_count"),
        AssignmentTemplate.created_at,
    )
