"""A written answer, its proposal, and who may let it count."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from api.ai_grading.sweeping import look_after_forsaken_answers
from core.models import AiGradingState, ConsentDecision, ConsentScope, GenerationMode, UserEvent
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId
from tests.api.ai_grading.conftest import ESSAY, Bureau
from tests.api.envelopes import data_of, items_of
from tests.factories.consent import make_consent
from tests.factories.saving import canary

REVIEWS = "/api/v1/grades/reviews"


async def test_a_proposal_waits_for_the_teacher_unless_the_district_says_otherwise(bureau: Bureau) -> None:
    desk = await bureau.desk()
    shown = await desk.answer(desk.essay(ESSAY))
    assert shown["status"] == "pending"
    grading = await bureau.work(shown)
    assert grading is not None
    assert (grading.state, grading.mode, grading.score) == (AiGradingState.WAITING, GenerationMode.AI, 2)
    assert (grading.model, grading.prompt_version) == (bureau.place.settings.openai_model, "grade_answer/1")
    for criterion in grading.criteria:
        assert ESSAY[criterion["start"] : criterion["end"]] == criterion["quote"]
    answer = bureau.answer(shown["id"])
    assert (answer.status, answer.score, answer.graded_by) == ("awaiting_teacher", None, None)
    job = data_of(await desk.student.get(f"/api/v1/jobs/{shown['job_id']}"))
    assert (job["status"], job["result"]["status"]) == ("succeeded", "awaiting_teacher")


async def test_a_sure_proposal_counts_where_the_district_lets_it(released: Bureau) -> None:
    desk = await released.desk()
    await desk.answer(desk.choice("b"))
    shown = await desk.answer(desk.essay(ESSAY))
    handed_in = await desk.submit()
    assert handed_in["grade_status"] == "awaiting_teacher"
    grading = await released.work(shown)
    assert grading is not None
    assert grading.state is AiGradingState.RELEASED
    attempt = await desk.read()
    assert (attempt["status"], attempt["score"]) == ("graded", "4.00")
    (own,) = items_of(await desk.student.get(f"/api/v1/grades/students/{released.school.classmate.id}"))
    history = items_of(await desk.student.get(f"/api/v1/grades/{own['id']}/history"))
    assert (own["status"], history[-1]["source"], history[-1]["actor_id"]) == ("graded", "ai", None)
    events = released.rows.query(UserEvent).filter_by(user_id=released.school.classmate.id)
    names = [event.name for event in events.order_by(UserEvent.seq)]
    assert names[-3:] == ["answer:graded", "grade:updated", "job:done"]
    review = data_of(await released.api.signed_in(released.school.teacher).get(f"{REVIEWS}/{shown['id']}"))
    assert (review["graded_by"], review["proposal"]["state"]) == ("ai", "released")


async def test_an_unsure_proposal_waits(bureau: Bureau) -> None:
    bureau.release_from("0.95")  # the model says 0.9
    desk = await bureau.desk()
    grading = await bureau.work(await desk.answer(desk.essay(ESSAY)))
    assert grading is not None
    assert grading.state is AiGradingState.WAITING


async def test_the_job_run_again_changes_nothing_and_asks_nobody(released: Bureau) -> None:
    desk = await released.desk()
    shown = await desk.answer(desk.essay(ESSAY))
    await released.work(shown)
    before, calls = released.answer(shown["id"]).graded_at, len(released.provider.calls)
    released.later(1)
    await released.work(shown)
    assert (released.answer(shown["id"]).graded_at, len(released.provider.calls)) == (before, calls)


async def test_a_teacher_who_was_first_wins(released: Bureau) -> None:
    desk = await released.desk()
    shown = await desk.answer(desk.essay(ESSAY))
    teacher = released.api.signed_in(released.school.teacher)
    data_of(await teacher.post(f"{REVIEWS}/{shown['id']}", json={"score": "0.5"}))
    await released.work(shown)
    answer = released.answer(shown["id"])
    assert (str(answer.score), answer.graded_by) == ("0.5000", "teacher")
    assert released.provider.calls == []


async def test_a_teacher_who_decides_while_the_model_thinks_wins(released: Bureau) -> None:
    desk = await released.desk()
    shown = await desk.answer(desk.essay(ESSAY))
    teacher = released.api.signed_in(released.school.teacher)
    asked = released.place.clock

    decided: list[Any] = []

    class Meanwhile:
        """A model that answers after the teacher has."""

        def __init__(self, model: Any) -> None:
            self._model = model

        async def ask(self, *arguments: Any) -> Any:
            reply = await self._model.ask(*arguments)
            decided.append(await teacher.post(f"{REVIEWS}/{shown['id']}", json={"score": "0"}))
            return reply

    from api.ai_grading import running  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        original = running.model_of
        patch.setattr(running, "model_of", lambda place: Meanwhile(original(place)))
        grading = await released.work(shown)
    assert decided[0].status_code == 200
    assert asked is released.place.clock
    assert grading is not None
    assert grading.state is AiGradingState.OVERTAKEN
    assert released.answer(shown["id"]).score == 0


async def test_a_newer_try_is_graded_instead(released: Bureau) -> None:
    desk = await released.desk()
    first = await desk.answer(desk.essay("Sugar."))
    second = await desk.answer(desk.essay(ESSAY, 2))
    assert await released.work(first) is None
    assert await released.work(second) is not None
    assert released.answer(second["id"]).score == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "status", "status": 401, "code": "invalid_api_key"}, "credentials_refused"),
        ({"kind": "status", "status": 429, "code": "insufficient_quota"}, "quota_exhausted"),
        ({"kind": "refuse"}, "model_refused"),
        ({"kind": "prose"}, "bad_reply"),
        ({"kind": "truncate"}, "cut_off"),
    ],
    ids=["key", "money", "refusal", "prose", "cut"],
)
async def test_without_a_usable_reply_the_teacher_gets_a_suggestion_that_says_why(
    released: Bureau, fault: dict[str, Any], reason: str
) -> None:
    released.provider.script.then(**fault, times=None)
    desk = await released.desk()
    shown = await desk.answer(desk.essay(ESSAY))
    grading = await released.work(shown)
    assert grading is not None
    found = (grading.mode, grading.offline_reason, grading.state)
    assert found == (GenerationMode.OFFLINE, reason, AiGradingState.WAITING)
    assert (str(grading.score), grading.confidence) == ("1.5000", 0)
    assert released.answer(shown["id"]).status == "awaiting_teacher"


async def test_without_a_key_nobody_is_asked(released: Bureau) -> None:
    from pydantic import SecretStr  # noqa: PLC0415

    await released.work_with(openai_api_key=SecretStr(""))
    desk = await released.desk()
    grading = await released.work(await desk.answer(desk.essay(ESSAY)))
    assert grading is not None
    assert (grading.offline_reason, released.provider.calls) == ("no_key", [])


async def test_a_childs_words_reach_no_model_without_consent(released: Bureau) -> None:
    child = released.school.classmate
    make_consent(released.rows, child, ConsentScope.AI_PROCESSING, ConsentDecision.DECLINED)
    desk = await released.desk()
    grading = await released.work(await desk.answer(desk.essay(ESSAY)))
    assert grading is not None
    assert (grading.offline_reason, released.provider.calls) == ("no_consent", [])


async def test_nothing_that_names_the_student_leaves(released: Bureau) -> None:
    student, school = released.school.classmate, released.school.school
    desk = await released.desk()
    words = f"I am {student.name}, write to {student.email} or +1 212 555 0187. {ESSAY}"
    grading = await released.work(await desk.answer(desk.essay(words)))
    assert grading is not None
    sent = str([call.body for call in released.provider.calls])
    secrets = (student.name, student.email, "555 0187", str(student.id), str(school.id))
    assert [secret for secret in secrets if secret in sent] == []
    assert canary(school.district_id, school.id) not in sent


async def test_while_the_provider_is_away_the_answer_waits_and_is_graded_when_it_is_back(
    released: Bureau,
) -> None:
    released.provider.script.then("status", status=503, times=None)
    desk = await released.desk()
    shown = await desk.answer(desk.essay(ESSAY))
    for _ in range(3):
        assert await released.work(shown) is None
        released.later(5)
    assert released.answer(shown["id"]).status == "pending"
    assert released.job(shown["job_id"]).status == "queued"
    queued = text(
        "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'todo' AND args ->> 'answer_id' = :id"
        " AND scheduled_at IS NOT NULL"
    )
    assert released.rows.execute(queued, {"id": shown["id"]}).scalar_one() == 3
    released.provider.script.reset()
    await released.work_with()
    grading = await released.work(shown)
    assert grading is not None
    assert grading.state is AiGradingState.RELEASED


async def test_an_answer_nobody_looks_after_gets_a_job_again_and_only_one(released: Bureau) -> None:
    desk = await released.desk()
    shown = await desk.answer(desk.essay(ESSAY))
    context = TenantContext(TenantId.from_job(str(released.school.school.district_id)), DISTRICT_SCOPE)
    database, now = released.place.database, datetime.now(UTC)
    assert await look_after_forsaken_answers(database, context, now) == 0
    long_ago = "now() - interval '1 hour'"
    for statement in (
        f"UPDATE app.student_answers SET answered_at = {long_ago} WHERE id = :answer",
        f"UPDATE app.background_jobs SET updated_at = {long_ago} WHERE id = :job",
    ):
        released.rows.execute(text(statement), {"answer": shown["id"], "job": shown["job_id"]})
    assert await look_after_forsaken_answers(database, context, now) == 1
    assert await look_after_forsaken_answers(database, context, now) == 0
