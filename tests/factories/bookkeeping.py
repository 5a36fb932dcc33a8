"""Rows nobody edits by hand: jobs, idempotency keys, the audit trail, invitations."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import AuditEvent, BackgroundJob, IdempotencyKey, Invitation, JobStatus, User
from core.tenancy import Role
from tests.factories.saving import canary, saved


def make_job(
    session: Session, user: User, *, kind: str = "free_response", status: JobStatus = JobStatus.SUCCEEDED
) -> BackgroundJob:
    job = BackgroundJob(
        district_id=user.district_id,
        school_id=user.school_id,
        id=new_id(),
        user_id=user.id,
        kind=kind,
        status=status,
        finished_at=None if status in {JobStatus.QUEUED, JobStatus.RUNNING} else datetime.now(UTC),
        result={"note": canary(user.district_id, user.school_id)},
    )
    return saved(session, job)


def make_idempotency_key(session: Session, user: User) -> IdempotencyKey:
    key = IdempotencyKey(
        district_id=user.district_id,
        school_id=user.school_id,
        user_id=user.id,
        route="POST /api/v1/classes",
        key=new_id().hex,
        fingerprint="0" * 64,
        response={"name": canary(user.district_id, user.school_id)},
    )
    return saved(session, key)


def make_audit_event(session: Session, user: User) -> AuditEvent:
    event = AuditEvent(
        district_id=user.district_id,
        school_id=user.school_id,
        id=new_id(),
        actor_id=user.id,
        action="read",
        object_type="user",
        object_id=user.id,
        subject_id=user.id,
        purpose="user:read",
        details={"note": canary(user.district_id, user.school_id)},
        occurred_at=datetime.now(UTC),
    )
    return saved(session, event)


def make_invitation(session: Session, admin: User) -> Invitation:
    mark = canary(admin.district_id, admin.school_id)
    invitation = Invitation(
        district_id=admin.district_id,
        school_id=admin.school_id,
        id=new_id(),
        email=f"invited.{new_id().hex}.{mark}@example.org".lower(),
        role=Role.TEACHER if admin.school_id else Role.ADMIN,
        invited_by=admin.id,
        expires_at=datetime.now(UTC) + timedelta(days=14),
    )
    return saved(session, invitation)
