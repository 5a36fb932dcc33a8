"""From a chapter to a reviewed quiz: what a teacher asks for, sees and changes."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from core.models import CandidateState, GenerationMode, JobStatus, ReviewStatus
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.generation.conftest import ASSIGNMENTS, Studio, chapter


async def test_a_chapter_becomes_questions_that_rest_on_it(studio: Studio) -> None:
    started = await studio.ask(choices=7, frees=2)
    job = await studio.work(started)
    assert (job.status, job.progress_percent) == (JobStatus.SUCCEEDED, 100)
    assert job.result is not None
    assert (job.result["mode"], job.result["passed"], job.result["quarantined"]) == ("ai", 9, 0)
    questions = studio.questions_of(started)
    assert [question.position for question in questions] == list(range(1, 10))
    source = " ".join(chapter().split())
    for question in questions:
        assert question.source_quote in source
        assert question.review_status is ReviewStatus.UNREVIEWED
        assert question.provenance is not None
        assert question.provenance["origin"] == "ai"
        assert question.provenance["prompt_version"].startswith("write_questions/")


async def test_right_options_stand_in_every_place(studio: Studio) -> None:
    started = await studio.ask(choices=8, frees=0)
    await studio.work(started)
    places = [question.correct_option for question in studio.questions_of(started)]
    assert sorted(places) == sorted("aabbccdd"), places


async def test_nothing_unreviewed_is_published_unless_the_teacher_says_so(studio: Studio) -> None:
    started = await studio.ask()
    await studio.work(started)
    teacher = studio.api.signed_in(studio.school.teacher)
    url = f"{ASSIGNMENTS}/{started['assignment_id']}"
    refusal_of(await teacher.post(f"{url}/publish"), 409, "unreviewed_questions")
    published = data_of(await teacher.post(f"{url}/publish", json={"allow_unreviewed": True}))
    assert published["status"] == "published"


async def test_the_same_request_twice_is_one_assignment_and_one_job(studio: Studio) -> None:
    teacher = studio.api.signed_in(studio.school.teacher)
    body = {
        "class_id": str(studio.school.school_class.id),
        "source": chapter(),
        "counts": {"multiple_choice": 2},
    }
    answers = [
        data_of(
            await teacher.post(f"{ASSIGNMENTS}/generate", json=body, headers={"Idempotency-Key": "once"}), 202
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


async def test_a_job_that_runs_again_asks_nothing_again_and_writes_nothing_twice(studio: Studio) -> None:
    started = await studio.ask()
    await studio.work(started)
    calls, questions = len(studio.provider.calls), studio.questions_of(started)
    await studio.work(started)
    assert (len(studio.provider.calls), len(studio.questions_of(started))) == (calls, len(questions))


async def test_a_worker_that_dies_between_batches_is_continued(studio: Studio) -> None:
    started = await studio.ask(choices=10, frees=0)
    studio.provider.script.then(times=2).then("status", status=500, times=3)
    await studio.work(started)  # the second batch finds the provider away
    first = {candidate.id for candidate in studio.candidates_of(started)}
    assert len(first) == 5
    assert studio.job_of(started).progress_percent == 47  # one of two batches; the last 5 % are the draft
    assert studio.questions_of(started) == []
    job = await studio.work(started)
    assert job.status is JobStatus.SUCCEEDED
    assert first < {candidate.id for candidate in studio.candidates_of(started)}
    assert len(studio.questions_of(started)) == 10


async def test_one_question_is_replaced_in_its_place(studio: Studio) -> None:
    started = await studio.ask()
    await studio.work(started)
    before = studio.questions_of(started)
    prompts = [question.prompt for question in before]
    teacher = studio.api.signed_in(studio.school.teacher)
    url = f"{ASSIGNMENTS}/{started['assignment_id']}/questions/{before[1].id}"
    again = data_of(await teacher.post(f"{url}/regenerate"), 202)
    job = await studio.work(again)
    assert job.status is JobStatus.SUCCEEDED, job.error
    after = studio.questions_of(started)
    assert [question.id for question in after] == [question.id for question in before]
    changed = [old != question.prompt for old, question in zip(prompts, after, strict=True)]
    assert changed == [False, True, False, False, False]


async def test_a_question_in_quarantine_can_be_mended_and_adopted_once(studio: Studio) -> None:
    started = await studio.ask(choices=2, frees=0)
    studio.provider.script.then("foreign_evidence", schema="WrittenQuestions", times=2)
    job = await studio.work(started)
    assert (job.status, job.result["code"]) == (JobStatus.FAILED, "no_question_passed")  # type: ignore[index]
    teacher = studio.api.signed_in(studio.school.teacher)
    url = f"{ASSIGNMENTS}/{started['assignment_id']}/candidates"
    kept = items_of(await teacher.get(f"{url}?state=quarantined"))
    assert len(kept) == 2
    assert "does not stand in the source" in str(kept[0]["findings"])
    mended = {"kind": "free_response", "prompt": "What does chlorophyll do?", "points": "2"}
    question = data_of(await teacher.post(f"{url}/{kept[0]['id']}/adopt", json=mended), 201)
    assert question["review_status"] == "accepted"
    refusal_of(await teacher.post(f"{url}/{kept[0]['id']}/adopt", json=mended), 409, "candidate_settled")


@pytest.mark.parametrize("name", ["photosynthesis", "fractions", "agua"])
async def test_without_a_key_questions_are_cut_from_the_text_and_say_so(studio: Studio, name: str) -> None:
    studio.place = replace(
        studio.place, settings=studio.place.settings.model_copy(update={"openai_api_key": SecretStr("")})
    )
    started = await studio.ask(chapter(name), choices=5, frees=1)
    job = await studio.work(started)
    assert job.status is JobStatus.SUCCEEDED, job.error
    generation = studio.generation_of(started)
    assert (generation.mode, generation.offline_reason) == (GenerationMode.OFFLINE, "no_key")
    questions = studio.questions_of(started)
    assert len(questions) == 6
    assert studio.provider.calls == []
    for question in questions:
        assert question.provenance is not None
        assert question.provenance["origin"] == "offline"
        assert "model" not in question.provenance


async def test_the_teacher_sees_how_it_went_and_students_do_not(studio: Studio) -> None:
    started = await studio.ask()
    await studio.work(started)
    url = f"{ASSIGNMENTS}/{started['assignment_id']}/generation"
    shown = data_of(await studio.api.signed_in(studio.school.teacher).get(url))
    assert (shown["mode"], shown["passed"], shown["quarantined"]) == ("ai", 5, 0)
    for path in ("generation", "candidates"):
        hidden = await studio.api.signed_in(studio.school.student).get(url.replace("generation", path))
        refusal_of(hidden, 403, "forbidden")
    assert all(entry.state is CandidateState.PASSED for entry in studio.candidates_of(started))


async def test_long_questions_that_stand_there_already_are_sent_only_in_part(studio: Studio) -> None:
    started = await studio.ask(choices=1, frees=0)
    teacher = studio.api.signed_in(studio.school.teacher)
    essay = {"kind": "free_response", "points": "1", "prompt": "Why? " * 3_900}
    data_of(await teacher.post(f"{ASSIGNMENTS}/{started['assignment_id']}/questions", json=essay), 201)
    await studio.work(started)
    sent = [message["content"] for call in studio.provider.calls for message in call.body["messages"]]
    assert any("Why? Why?" in content for content in sent)
    assert max(map(len, sent)) < 10_000


async def test_asking_again_while_a_question_is_replaced_is_one_job(studio: Studio) -> None:
    started = await studio.ask(choices=1, frees=0)
    await studio.work(started)
    teacher = studio.api.signed_in(studio.school.teacher)
    (question,) = studio.questions_of(started)
    url = f"{ASSIGNMENTS}/{started['assignment_id']}/questions/{question.id}/regenerate"
    answers = await asyncio.gather(*(teacher.post(url) for _ in range(8)))
    jobs = {data_of(answer, 202)["job_id"] for answer in answers}
    assert len(jobs) == 1
    await studio.work({**started, "job_id": jobs.pop()})
    afterwards = data_of(await teacher.post(url), 202)
    assert afterwards["job_id"] not in jobs
