from hypothesis import given
from hypothesis import strategies as st

from api.extraction.layout import Line, in_reading_order


def _line(text: str, left: float, top: float, width: float = 100) -> Line:
    return Line(text, left, top, left + width, top + 10, size=10, page=1)


def _order(*lines: Line) -> str:
    return " ".join(line.text for line in in_reading_order(lines))


def test_lines_below_each_other_are_read_from_the_top() -> None:
    assert _order(_line("two", 0, 20), _line("one", 0, 0), _line("three", 0, 40)) == "one two three"


def test_a_table_of_words_stays_in_rows_when_its_columns_are_single_lines() -> None:
    assert _order(_line("b", 200, 0), _line("a", 0, 0)) == "a b"


def test_a_bullet_stays_with_its_line() -> None:
    lines = [_line(mark, 0, top, 5) for mark, top in (("*", 0), ("+", 20))]
    lines += [_line(text, 30, top, 400) for text, top in (("one", 0), ("two", 20))]
    assert _order(*lines) == "* one + two"


def test_two_columns_between_lines_across_the_page() -> None:
    across = [_line("title", 0, 0, 400), _line("end", 0, 80, 400)]
    left = [_line(f"l{number}", 0, 20 * number, 180) for number in (1, 2, 3)]
    right = [_line(f"r{number}", 220, 20 * number, 180) for number in (1, 2, 3)]
    assert _order(*right, *left, *across) == "title l1 l2 l3 r1 r2 r3 end"


_PLACES = st.tuples(st.integers(0, 400), st.integers(0, 600), st.integers(1, 300))


@given(st.lists(_PLACES, max_size=40))
def test_no_line_is_lost_or_told_twice(places: list[tuple[int, int, int]]) -> None:
    lines = [_line(str(number), *map(float, place)) for number, place in enumerate(places)]
    assert sorted(in_reading_order(lines), key=id) == sorted(lines, key=id)
