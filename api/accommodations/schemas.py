from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import ExactDecimal, Input, Output


class AccommodationIn(Input):
    time_multiplier: Annotated[
        Decimal, Field(ge=1, le=10, max_digits=4, decimal_places=2, allow_inf_nan=False, examples=["1.5"])
    ] = Decimal(1)
    """Time limits are multiplied by it: "1.5" is time and a half."""
    due_shift_hours: Annotated[int, Field(ge=0, le=8760, examples=[24])] = 0
    """Due dates come later by so many hours."""


class AccommodationOut(Output):
    time_multiplier: ExactDecimal
    due_shift_hours: int


class GrantedAccommodation(AccommodationOut):
    """What one student needs in one class; nobody needs anything until it is granted."""

    class_id: UUID
    student_id: UUID
