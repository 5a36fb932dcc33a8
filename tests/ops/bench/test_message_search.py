"""The benchmark of searching messages, in small: words are found, goals are judged. Never how fast."""

from ops.bench import message_search
from ops.bench.message_search import Searched
from ops.bench.rounds import Load
from ops.bench.talk import word


def test_a_few_messages_are_searched_in_every_way() -> None:
    rounds = message_search.measure(4, districts=2, messages=200, warm_up=2, rounds=1)
    assert len(rounds) == 2 * len(message_search.KINDS)
    assert {len(one.load.milliseconds) for ones in rounds.values() for one in ones} == {4}
    assert rounds["teacher, two letters"][0].found > 0
    assert rounds["teacher, one letter"][0].found == 0
    assert rounds["teacher, no such word"][0].found == 0


def test_words_are_letters_and_each_its_own() -> None:
    words = {word(rank) for rank in range(1, 3000)}
    assert len(words) == 2999
    assert all(each.isalpha() for each in words)


def test_goals_of_searching_messages() -> None:
    (met,) = message_search.goals({"one": [Searched(Load(1, [30] * 100), 1)]})
    (missed,) = message_search.goals({"one": [Searched(Load(1, [31] * 100), 1)]})
    assert (met.is_met, missed.is_met) == (True, False)
