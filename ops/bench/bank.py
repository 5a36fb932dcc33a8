"""A bank of thousands of questions with words as uneven as a language's, written around the walls."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from core.ids import new_id
from core.models import User

CONCEPTS = 40
VOCABULARY = 3_000
PROMPT_WORDS = 14
OPTION_WORDS = 3
_LEVELS = ("easy", "medium", "hard")
_SYLLABLES = [
    "ba",
    "co",
    "di",
    "fra",
    "ge",
    "lo",
    "mi",
    "na",
    "pe",
    "ri",
    "so",
    "tu",
    "ve",
    "za",
    "qui",
    "st",
]

_BANK = "INSERT INTO app.question_banks (district_id, school_id, id, owner_id, name) VALUES (%s, %s, %s, %s, 'Bench')"
_CONCEPT = "INSERT INTO app.concepts (district_id, id, subject, name) VALUES (%s, %s, 'Bench', %s)"
_QUESTION = """
    INSERT INTO app.bank_questions (district_id, school_id, id, bank_id, kind, prompt, points, difficulty, options,
        correct_option)
    VALUES (%s, %s, %s, %s, 'multiple_choice', %s, 1, %s, %s, 'b')
"""
_TAG = """
    INSERT INTO app.bank_question_concepts (district_id, school_id, question_id, concept_id, bank_id)
    VALUES (%s, %s, %s, %s, %s)
"""
_COPY = """
    CREATE TABLE bench.bank_questions AS SELECT q.*, array_agg(c.concept_id) AS concept_ids
    FROM app.bank_questions q JOIN app.bank_question_concepts c ON c.question_id = q.id
    GROUP BY q.district_id, q.id;
    CREATE UNIQUE INDEX ON bench.bank_questions (bank_id, id);
    GRANT SELECT ON bench.bank_questions TO app_rw;
    VACUUM ANALYZE bench.bank_questions;
    VACUUM ANALYZE;
"""
"""The reference reads the same rows, concepts and all, from one index, with nothing before it."""


@dataclass(frozen=True)
class Bank:
    """`questions` in the order of their keys, `words` from the most to the least used."""

    id: UUID
    questions: Sequence[UUID]
    concepts: Sequence[UUID]
    words: Sequence[str]


class _Writer:
    """Writes sentences in which the n-th word of the vocabulary comes up 1/n as often as the first."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same bank in every run
        self.words = list(dict.fromkeys(self._word() for _ in range(VOCABULARY)))
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def write(self, count: int) -> str:
        return " ".join(self.chance.choices(self.words, cum_weights=self._weights, k=count))

    def options(self) -> list[dict[str, Any]]:
        return [{"id": name, "text": self.write(OPTION_WORDS), "feedback": None} for name in "abcd"]

    def _word(self) -> str:
        return "".join(self.chance.choices(_SYLLABLES, k=self.chance.randint(2, 4)))


def seeded_bank(admin_dsn: str, owner: User, questions: int) -> Bank:
    """Write a bank, and another of the same size beside it; `admin_dsn` is the superuser's, for psycopg."""
    writer = _Writer(seed=4)
    concepts = [new_id() for _ in range(CONCEPTS)]
    with psycopg.connect(admin_dsn) as connection:
        rows = [(owner.district_id, id_, f"Concept {id_}") for id_ in concepts]
        connection.cursor().executemany(_CONCEPT, rows)
        bank, _ = (_filled(connection, owner, concepts, writer, questions) for _ in range(2))
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        for statement in _COPY.strip().split(";\n"):
            connection.execute(statement)
    return bank


def _filled(
    connection: psycopg.Connection[Any], owner: User, concepts: Sequence[UUID], writer: _Writer, count: int
) -> Bank:
    place, bank_id = (owner.district_id, owner.school_id), new_id()
    connection.execute(_BANK, (*place, bank_id, owner.id))
    ids = sorted(new_id() for _ in range(count))
    questions = [
        (*place, id_, bank_id, writer.write(PROMPT_WORDS), level, Jsonb(writer.options()))
        for id_, level in zip(ids, cycle(_LEVELS))
    ]
    connection.cursor().executemany(_QUESTION, questions)
    tags = [(*place, id_, concept, bank_id) for id_, concept in zip(ids, cycle(concepts))]
    connection.cursor().executemany(_TAG, tags)
    return Bank(bank_id, ids, concepts, writer.words)
