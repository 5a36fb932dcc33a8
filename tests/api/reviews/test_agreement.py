"""How far models and teachers agree, and who may know it."""

from decimal import Decimal

from sqlalchemy.orm import Session

from core.models import AiGradingState, GenerationMode
from tests.api.envelopes import data_of, refusal_of
from tests.factories.submission import make_ai_grading, make_answer, make_submission
from tests.factories.user import make_student
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

AGREEMENT = "/api/v1/grades/ai-agreement"


def decide(rows: Session, school: SchoolBench, *pairs: tuple[str, str]) -> None:
    for proposed, decided in pairs:
        attempt = make_submission(rows, school.assignment, make_student(rows, school.school))
        grading = make_ai_grading(rows, attempt, make_answer(rows, attempt, school.free_question))
        grading.score, grading.human_score = Decimal(proposed), Decimal(decided)
        same = grading.score == grading.human_score
        grading.state = AiGradingState.ACCEPTED if same else AiGradingState.CHANGED
        rows.flush()


async def test_a_teacher_sees_kappa_and_mean_difference(api: Api, school: SchoolBench, rows: Session) -> None:
    decide(rows, school, ("0", "0"), ("1", "1"), ("2", "1"), ("2", "2"))
    url = f"{AGREEMENT}?assignment_id={school.assignment.id}"
    found = data_of(await api.signed_in(school.teacher).get(url))
    assert found["overall"] == {
        "decided": 4,
        "agreed_exactly": 3,
        "agreement_percent": "75.00",
        "mean_difference": "12.50",
        "quadratic_weighted_kappa": "0.80",
        "is_small_cell": True,
    }
    (prompt,) = found["by_prompt"]
    assert (prompt["model"], prompt["prompt_version"], prompt["decided"]) == ("a-model", "grade_answer/1", 4)


async def test_what_waits_and_what_no_model_proposed_is_left_out(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    decide(rows, school, ("2", "2"))
    attempt = make_submission(rows, school.assignment, make_student(rows, school.school))
    offline = make_ai_grading(rows, attempt, make_answer(rows, attempt, school.free_question))
    offline.mode, offline.human_score, offline.state = (
        GenerationMode.OFFLINE,
        Decimal(2),
        AiGradingState.CHANGED,
    )
    rows.flush()
    found = data_of(await api.signed_in(school.teacher).get(AGREEMENT))
    assert found["overall"]["decided"] == 1


async def test_admins_see_numbers_from_ten_decisions_on(
    api: Api, bench: DistrictBench, school: SchoolBench, rows: Session
) -> None:
    decide(rows, school, *[("1", "1")] * 9)
    for admin in (school.admin, bench.admin):
        hidden = data_of(await api.signed_in(admin).get(AGREEMENT))["overall"]
        assert (hidden["decided"], hidden["agreed_exactly"], hidden["is_small_cell"]) == (9, None, True)
    decide(rows, school, ("2", "1"))
    for admin in (school.admin, bench.admin):
        shown = data_of(await api.signed_in(admin).get(AGREEMENT))["overall"]
        assert (shown["decided"], shown["agreed_exactly"], shown["is_small_cell"]) == (10, 9, False)


async def test_a_school_does_not_see_its_sisters_decisions(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    home, sister = bench.schools
    decide(rows, sister, ("1", "1"))
    assert data_of(await api.signed_in(home.admin).get(AGREEMENT))["overall"]["decided"] == 0
    url = f"{AGREEMENT}?class_id={sister.school_class.id}"
    refusal_of(await api.signed_in(home.admin).get(url), 404, "not_found")
