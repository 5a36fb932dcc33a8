"""The term itself: week by week, who does the work, when, and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from ops.demo.coursework import Coursework
from ops.demo.curriculum import Subject
from ops.demo.identifiers import Milliseconds
from ops.demo.learners import GUESS_RATE, Indices, Knowledge, Numbers, Traits, chance_of_right
from ops.demo.people import People
from ops.demo.practice import with_practice
from ops.demo.questions import FREE_RESPONSE_POINTS
from ops.demo.semester import DAY, HOUR, Semester, working_times

RETAKE_BELOW = 0.7
MAX_ATTEMPTS = 2
_RETAKE_SHARE = 0.35
_LATE_SHARE = 0.06
_CATCH_UP_AFTER_ABSENCE = 0.3
_UNFINISHED_SHARE = 0.02
BLIND_RATE = 0.25
"""Of four options, chosen without reading."""
_RETAKE_BONUS = 0.5
"""Logits: a second attempt has seen the questions and their feedback."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Work:
    """What the students did, by position in the other tables.

    `attempts`: student (row of users), class, assignment, attempt_number, started, last_answered, finished (bool).
    `answers`: attempt (row of attempts), question, position, right (points > 0), points, choice (0-3, -1 for free
    response), level (free response: 0 weak, 1 middling, 2 strong), guessed, time_spent_ms, answered, counts.
    """

    attempts: pl.DataFrame
    answers: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Questions:
    """The columns of `Coursework` that answering needs, as arrays."""

    concept: Indices
    hardness: Numbers
    points: Indices
    correct_position: Indices
    subject: Indices
    first: Indices
    size: Indices


@dataclass(frozen=True, slots=True)
class _Batch:
    """Attempts that begin in the same week; `bonus` in logits."""

    student: Indices
    school_class: Indices
    assignment: Indices
    started: Milliseconds
    zeal: Numbers
    finished: Flags
    number: int
    bonus: float = 0.0

    def only(self, chosen: Flags) -> Self:
        """Return the chosen attempts."""
        arrays = ("student", "school_class", "assignment", "started", "zeal", "finished")
        return replace(self, **{name: getattr(self, name)[chosen] for name in arrays})


@dataclass(frozen=True, slots=True)
class _Simulation:
    people: People
    questions: _Questions
    traits: Traits
    knowledge: Knowledge
    semester: Semester
    random: np.random.Generator


def hasty_share(zeal: Numbers) -> Numbers:
    """Return how much of their answers students of this zeal give without reading."""
    share: Numbers = 0.35 * (1.0 - zeal) ** 2
    return share


def _nobody_looks(_week: int, _knowledge: Knowledge) -> None:
    return


def live_through(
    people: People,
    coursework: Coursework,
    traits: Traits,
    *,
    semester: Semester,
    random: np.random.Generator,
    observe: Callable[[int, Knowledge], None] = _nobody_looks,
) -> Work:
    """Simulate the term; the same arguments and generator state give the same work.

    `observe` is shown what everyone knows at the end of each week, the first being 0.
    """
    simulation = _Simulation(
        people, _question_arrays(people, coursework), traits, Knowledge(traits), semester, random
    )
    attempts, answers, attempts_so_far = [], [], 0
    for week in range(semester.weeks):
        simulation.knowledge.forget(1.0)
        for batch, tries in _week(simulation, week):
            attempts.append(_attempt_frame(batch, tries))
            answers.append(tries.with_columns(pl.col("attempt") + attempts_so_far))
            attempts_so_far += len(batch.student)
        observe(week, simulation.knowledge)
    return _until_the_end(pl.concat(attempts), pl.concat(answers), semester)


def _week(simulation: _Simulation, week: int) -> list[tuple[_Batch, pl.DataFrame]]:
    """First attempts of everyone who works this week, then some second ones."""
    batch = _first_attempts(simulation, week)
    tries = _answer(simulation, batch)
    retakes = _second_attempts(simulation, batch, tries)
    return [
        (each, with_practice(answers, simulation.questions.correct_position, simulation.random))
        for each, answers in [(batch, tries), (retakes, _answer(simulation, retakes))]
    ]


def _first_attempts(simulation: _Simulation, week: int) -> _Batch:
    """Decide who does this week's quiz of each class, and when; absent students catch up late or not at all."""
    random, enrollments = simulation.random, simulation.people.enrollments
    student, school_class = enrollments["student"].to_numpy(), enrollments["class"].to_numpy()
    row = student - simulation.people.first_student
    zeal, absent = simulation.traits.engagement[row, week], simulation.traits.absent[row, week]
    chance = np.minimum(0.15 + zeal, 0.985) * np.where(absent, _CATCH_UP_AFTER_ABSENCE, 1.0)
    works = random.random(len(row)) < chance
    late = (random.random(len(row)) < _LATE_SHARE + 0.15 * (1.0 - zeal)) | absent
    started = working_times(simulation.semester.week_start(week), len(row), random)
    started += np.where(late, random.integers(3, 8, size=len(row)) * DAY, 0)
    works &= started < simulation.semester.end
    assignment = school_class * simulation.semester.weeks + week
    finished = _hands_in(zeal, random)
    everyone = _Batch(student, school_class, assignment, started, zeal, finished=finished, number=1)
    return everyone.only(works)


def _hands_in(zeal: Numbers, random: np.random.Generator) -> Flags:
    """A few attempts are left open, more often by those who care less."""
    return random.random(len(zeal)) >= _UNFINISHED_SHARE * (1.5 - zeal)


def _second_attempts(simulation: _Simulation, first: _Batch, tries: pl.DataFrame) -> _Batch:
    """Let some of those who scored under 70 % try again a day or two later."""
    random, questions = simulation.random, simulation.questions
    earned = np.bincount(
        tries["attempt"].to_numpy(), weights=tries["points"].to_numpy(), minlength=len(first.student)
    )
    possible = np.add.reduceat(questions.points, questions.first)[first.assignment]
    again = (earned < RETAKE_BELOW * possible) & (random.random(len(earned)) < _RETAKE_SHARE * first.zeal)
    started = first.started + random.integers(4 * HOUR, 40 * HOUR, size=len(earned))
    again &= first.finished & (started < simulation.semester.end)
    finished = _hands_in(first.zeal, random)
    return replace(first, started=started, finished=finished, number=2, bonus=_RETAKE_BONUS).only(again)


def _answer(simulation: _Simulation, batch: _Batch) -> pl.DataFrame:
    """Answer the questions of every attempt in the batch, and learn from them; `attempt` is its row in the batch."""
    questions, random = simulation.questions, simulation.random
    sizes = questions.size[batch.assignment]
    attempt = np.repeat(np.arange(len(sizes)), sizes)
    position = np.arange(len(attempt)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    question = questions.first[batch.assignment][attempt] + position
    zeal = batch.zeal[attempt]
    kept = random.random(len(attempt)) < 0.9 + 0.11 * zeal
    attempt, question, position, zeal = attempt[kept], question[kept], position[kept], zeal[kept]
    guessed = random.random(len(attempt)) < hasty_share(zeal)
    student = batch.student[attempt] - simulation.people.first_student
    outcome = _outcome(simulation, student, question, guessed=guessed, bonus=batch.bonus)
    simulation.knowledge.practise(student, questions.concept[question], np.where(guessed, 0.1, 1.0))
    time_spent = _time_spent(simulation, student, question, guessed)
    elapsed = _time_into_attempt(time_spent, attempt)
    return outcome.with_columns(
        attempt=attempt,
        question=question,
        position=position,
        guessed=guessed,
        time_spent_ms=time_spent,
        answered=batch.started[attempt] + elapsed,
    )


def _outcome(
    simulation: _Simulation, student: Indices, question: Indices, *, guessed: Flags, bonus: float
) -> pl.DataFrame:
    """Draw points, and the option chosen or the level of the text written."""
    questions, random = simulation.questions, simulation.random
    concept = questions.concept[question]
    proficiency = simulation.traits.ability[student, questions.subject[question]]
    proficiency = proficiency + simulation.knowledge.level(student, concept) + bonus
    hardness = questions.hardness[question]
    right = random.random(len(student)) < chance_of_right(proficiency, hardness, guess=GUESS_RATE)
    right = np.where(guessed, random.random(len(student)) < BLIND_RATE, right)
    choice = _choices(questions.correct_position[question], right, random)
    strong = random.random((2, len(student))) < chance_of_right(proficiency, hardness, guess=0.0)
    level = np.where(guessed, 0, strong.sum(axis=0))
    is_free = choice < 0
    points = np.where(is_free, level * FREE_RESPONSE_POINTS // 2, right * questions.points[question])
    return pl.DataFrame({"points": points, "right": points > 0, "choice": choice, "level": level})


def _choices(correct: Indices, right: Flags, random: np.random.Generator) -> Indices:
    """Choose the right option or one of the three others, the first of them most often."""
    offset = random.choice([1, 2, 3], p=[0.5, 0.3, 0.2], size=len(correct))
    wrong = (correct + offset) % 4
    return np.where(correct < 0, -1, np.where(right, correct, wrong))


def _time_spent(simulation: _Simulation, student: Indices, question: Indices, guessed: Flags) -> Indices:
    """Draw milliseconds: about 35 s for a choice, 2 minutes for a text, a few seconds for a guess."""
    random, questions = simulation.random, simulation.questions
    typical = np.where(questions.correct_position[question] < 0, 120_000.0, 35_000.0)
    typical *= np.exp(0.15 * questions.hardness[question]) * simulation.traits.pace[student]
    thoughtful = typical * random.lognormal(0.0, 0.45, size=len(student))
    hasty = random.uniform(1_200.0, 5_000.0, size=len(student))
    return np.where(guessed, hasty, thoughtful).astype(np.int64)


def _time_into_attempt(time_spent: Indices, attempt: Indices) -> Indices:
    """Return the milliseconds from the start of each attempt to each of its answers."""
    total = np.cumsum(time_spent + 1_500)
    starts = np.flatnonzero(np.diff(attempt, prepend=-1))
    before = np.repeat(total[starts] - time_spent[starts] - 1_500, np.diff(np.append(starts, len(attempt))))
    return total - before


def _attempt_frame(batch: _Batch, tries: pl.DataFrame) -> pl.DataFrame:
    """List the batch's attempts."""
    last = tries.group_by("attempt").agg(last_answered=pl.col("answered").max())
    return (
        pl.DataFrame(
            {
                "attempt": np.arange(len(batch.student)),
                "student": batch.student,
                "class": batch.school_class,
                "assignment": batch.assignment,
                "attempt_number": np.full(len(batch.student), batch.number),
                "started": batch.started,
                "finished": batch.finished,
            }
        )
        .join(last, on="attempt", how="left", maintain_order="left")
        .with_columns(pl.col("last_answered").fill_null(pl.col("started")))
        .drop("attempt")
    )


def _until_the_end(attempts: pl.DataFrame, answers: pl.DataFrame, semester: Semester) -> Work:
    """Stop the clock: answers that would come after the end have not been given, and their attempts are open."""
    open_still = pl.col("last_answered") >= semester.end
    attempts = attempts.with_columns(
        finished=pl.col("finished") & ~open_still,
        last_answered=pl.min_horizontal("last_answered", pl.lit(semester.end)),
    )
    return Work(attempts, answers.filter(pl.col("answered") < semester.end))


def _question_arrays(people: People, coursework: Coursework) -> _Questions:
    order = [subject.value for subject in Subject]
    subject_of_class = np.array([order.index(subject) for subject in people.classes["subject"]])
    questions, assignments = coursework.questions, coursework.assignments
    class_of_question = assignments["class"].to_numpy()[questions["assignment"].to_numpy()]
    concept = questions["concept"].to_numpy()
    return _Questions(
        concept=concept,
        hardness=questions["hardness"].to_numpy(),
        points=questions["points"].to_numpy(),
        correct_position=questions["correct_position"].to_numpy(),
        subject=subject_of_class[class_of_question],
        first=assignments["first"].to_numpy(),
        size=assignments["size"].to_numpy(),
    )
