from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas import Input, MailAddress, Output
from core.models import InvitationStatus
from core.tenancy import Role


class InvitationCreate(Input):
    email: Annotated[MailAddress, Field(examples=["grace@school.example"])]
    role: Annotated[Literal[Role.TEACHER, Role.ADMIN], Field(examples=["teacher"])]
    school_id: Annotated[UUID | None, Field(examples=["01a04a63-0b00-7ba3-8fc3-0ab95ac10f9a"])] = None
    """Needed for a teacher; without it the admin is one of the whole district."""


class InvitationOut(Output):
    id: UUID
    email: str
    role: Role
    school_id: UUID | None
    status: InvitationStatus
    expires_at: datetime
