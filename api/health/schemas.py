from typing import Literal

from api.schemas import Output


class Health(Output):
    status: Literal["alive", "ready"]
