from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field

from api.schemas import Input, Output
from core.models import InvitationStatus
from core.tenancy import Role


class InvitationCreate(Input):
    email: Annotated[EmailStr, Field(max_length=254, examples=["grace@school.example"])]
    role: Literal[Role.TEACHER, Role.ADMIN]
    school_id: UUID | None = None
    """Needed for a teacher; without it the admin is one of the whole district."""


class InvitationOut(Output):
    id: UUID
    email: str
    role: Role
    school_id: UUID | None
    status: InvitationStatus
    expires_at: datetime
