"""Class lists as teachers save them: what is a list, what is a mistake in one row, what is no list at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.classes.roster_files import MOST_ROWS, MalformedClassListError, harmless, read_class_list

ADA = "ada@school.example"


@pytest.mark.parametrize(
    "content",
    [
        b"email,name,grade_level\nada@school.example,Ada,9\n",
        b"\xef\xbb\xbfemail,name,grade_level\r\nada@school.example,Ada,9\r\n",
        b"email;name;grade_level\nADA@school.example; Ada ;9",
        b"Email\tName\tGrade Level\nada@school.example\tAda\t9\n",
        b"grade-level,shoe size,email,name\n9,38,ada@school.example,Ada\n\n\n",
        b'name,email,grade_level,,\n"Ada",ada@school.example,9,,\n',
    ],
    ids=["plain", "byte order mark", "semicolons", "tabs", "other columns", "empty columns"],
)
def test_a_list_is_read_however_a_spreadsheet_saved_it(content: bytes) -> None:
    (ada,) = read_class_list(content)
    assert (ada.line, ada.email, ada.name, ada.mistake) == (2, ADA, "Ada", None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "must name the columns"),
        (b"email,name\n", "no students"),
        (b"name,grade_level\nAda,9\n", "must name the columns"),
        (b"email,e-mail,Email\na,b,c\n", "twice"),
        ("email\nzoë@school.example\n".encode("latin-1"), "UTF-8"),
        ("email\nada@school.example\n".encode("utf-16"), "UTF-8"),
        (b"email\nada@school.example\x00\n", "not text"),
        (b"email\na@b.example,too many\n", "Line 2 has 2 cells"),
        (b'email\n"ada@school.example\n', "Line 2 is not well-formed"),
        (b'email\n"ada"x@school.example\n', "Line 2 is not well-formed"),
        (b"email\n" + b"x" * 200_000 + b"\n", "Line 2 is not well-formed"),
        (b"email\n" + b"a@b.example\n" * (MOST_ROWS + 1), "more than 500"),
    ],
    ids=[
        *("empty", "no rows", "no address", "columns twice", "latin-1", "utf-16", "zero byte"),
        *("ragged", "open quote", "stray quote", "huge cell", "too long"),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(content: bytes, words: str) -> None:
    with pytest.raises(MalformedClassListError, match=words):
        read_class_list(content)


def test_a_list_of_just_so_many_rows_is_read() -> None:
    assert len(read_class_list(b"email\n" + b"a@b.example\n" * MOST_ROWS)) == MOST_ROWS


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("nobody,Ada,9,", "invalid_email"),
        ("\u017fam@school.example,Sam,9,", "invalid_email"),
        (f"{ADA},{'x' * 201},9,", "invalid_name"),
        (f"{ADA},Win at https://evil.example,9,", "invalid_name"),
        (f"{ADA},Ada,13,", "invalid_grade_level"),
        (f"{ADA},Ada,nine,", "invalid_grade_level"),
        (f"{ADA},Ada,9,{'x' * 201}", "invalid_sourced_id"),
        (",Ada,9,", "missing_email"),
    ],
)
def test_a_mistake_is_one_rows_own(row: str, code: str) -> None:
    content = f"email,name,grade_level,sourced_id\n{row}\nben@school.example,Ben,8,s-2\n"
    wrong, right = read_class_list(content.encode())
    assert wrong.mistake is not None
    assert (wrong.line, wrong.mistake.code) == (2, code)
    assert (right.line, right.sourced_id, right.mistake) == (3, "s-2", None)


def test_a_row_is_found_by_the_line_it_begins_in() -> None:
    content = b'email,note\n\na@school.example,"one\ntwo"\nb@school.example,\n'
    assert [row.line for row in read_class_list(content)] == [3, 5]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_calculate_is_quoted(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_an_ordinary_cell_is_as_it_was() -> None:
    assert harmless(ADA) == ADA
    assert harmless("") == ""


@given(st.binary(max_size=300))
def test_whatever_arrives_is_a_list_or_refused(content: bytes) -> None:
    with suppress(MalformedClassListError):
        assert read_class_list(b"email,name\n" + content)
