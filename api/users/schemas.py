from uuid import UUID

from api.schemas import Output
from core.tenancy import Role


class Profile(Output):
    id: UUID
    district_id: UUID
    school_id: UUID | None
    role: Role
    name: str
    email: str
    grade_level: int | None
