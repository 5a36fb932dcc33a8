"""What the tests of banks send and how they find their way."""

from typing import Any

from tests.api.envelopes import data_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

BANKS = "/api/v1/question-banks"
CHOICE: dict[str, Any] = {
    "kind": "multiple_choice",
    "name": "Slope",
    "prompt": "What is the slope of y = 2x?",
    "points": "2",
    "options": [{"text": "one"}, {"text": "two", "is_correct": True}, {"text": "ten"}, {"text": "zero"}],
}
ESSAY: dict[str, Any] = {"kind": "free_response", "prompt": "Explain photosynthesis.", "points": "2.5"}


async def new_bank(api: Api, school: SchoolBench, **more: Any) -> str:
    """Make a bank of the school's teacher and return its address."""
    teacher = api.signed_in(school.teacher)
    made = data_of(await teacher.post(BANKS, json={"name": "Fractions", **more}), 201)
    return f"{BANKS}/{made['id']}"


async def add(api: Api, school: SchoolBench, bank: str, body: dict[str, Any]) -> Any:
    return data_of(await api.signed_in(school.teacher).post(f"{bank}/questions", json=body), 201)
