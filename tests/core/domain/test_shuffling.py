"""Each student has an order of their own, and it stays."""

from collections import Counter
from itertools import permutations
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.domain.shuffling import shuffled

SEEDS = st.lists(st.uuids(), min_size=1, max_size=2)
NAMES = st.lists(st.text(max_size=4), unique=True, max_size=12)


def test_the_order_of_a_known_seed_never_changes() -> None:
    assert "".join(shuffled("abcd", [UUID(int=0)], str)) == "dbac"


@given(SEEDS, NAMES)
def test_everything_is_there_once(seed: list[UUID], names: list[str]) -> None:
    assert sorted(shuffled(names, seed, str)) == sorted(names)


@given(SEEDS, NAMES, st.randoms())
def test_the_order_does_not_tell_how_the_teacher_wrote_them(
    seed: list[UUID], names: list[str], chance: Random
) -> None:
    mixed = list(names)
    chance.shuffle(mixed)
    assert shuffled(mixed, seed, str) == shuffled(names, seed, str)


@given(SEEDS, NAMES.filter(bool))
def test_what_is_taken_away_leaves_the_others_as_they_were(seed: list[UUID], names: list[str]) -> None:
    rest = [name for name in shuffled(names, seed, str) if name != names[0]]
    assert shuffled(names[1:], seed, str) == rest


def test_every_order_of_four_options_is_about_as_likely() -> None:
    seen = Counter("".join(shuffled("abcd", [UUID(int=number)], str)) for number in range(2400))
    assert set(seen) == {"".join(order) for order in permutations("abcd")}
    assert all(60 <= count <= 140 for count in seen.values()), seen  # 100 each, give or take four deviations
