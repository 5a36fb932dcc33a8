"""Archives to rosters and back: nothing lost, and nothing a line holds stops the others."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rosters.columns import WRITTEN_FILES
from api.rosters.errors import MalformedRosterError
from api.rosters.reading import read_oneroster
from api.rosters.roster import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    Mode,
    Organisation,
    Person,
    Roster,
    Version,
)
from api.rosters.writing import write_oneroster
from tests.api.rosters.rosters import as_delta, make_roster, rewritten

# What a cell may hold: no control characters, and no spaces around it, which readers take off.
_texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=40).map(str.strip)
_words = _texts.filter(bool)
_items = st.lists(_words.filter(lambda word: "," not in word), max_size=3).map(tuple)
_some = st.lists(_words.filter(lambda word: "," not in word), min_size=1, max_size=3, unique=True).map(tuple)
_days = st.dates(date(1, 1, 1), date(9999, 12, 31))


def rows_of(row: Any, **columns: Any) -> Any:
    return st.lists(
        st.builds(row, sourced_id=_words, is_active=st.booleans(), **columns),
        max_size=4,
        unique_by=lambda made: made.sourced_id,
    ).map(tuple)


_rosters = st.builds(
    Roster,
    version=st.sampled_from(Version),
    organisations=rows_of(Organisation, name=_words, kind=_words, identifier=_texts, parent=_texts),
    sessions=rows_of(
        AcademicSessionRow,
        title=_words,
        kind=_words,
        starts_on=_days,
        ends_on=_days,
        parent=_texts,
        school_year=_words,
    ),
    courses=rows_of(
        CourseRow, title=_words, code=_texts, grades=_items, organisation=_words, subjects=_items
    ),
    classes=rows_of(
        ClassRow,
        title=_words,
        grades=_items,
        course=_words,
        kind=_texts,
        school=_words,
        terms=_some,
        subjects=_items,
    ),
    people=rows_of(
        Person,
        is_enabled=st.booleans(),
        organisations=_some,
        role=_words,
        username=_words,
        given_name=_words,
        family_name=_words,
        email=_texts,
        grades=_items,
    ),
    enrollments=rows_of(
        EnrollmentRow, school_class=_words, school=_words, user=_words, role=_words, is_primary=st.booleans()
    ),
    categories=st.just(()),
    line_items=st.just(()),
    results=st.just(()),
    modes=st.just({}),
    problems=st.just(()),
)


@given(_rosters)
def test_what_is_written_is_read_again(roster: Roster) -> None:
    read = read_oneroster(write_oneroster(roster))
    assert read == roster
    assert read.problems == ()


@pytest.mark.parametrize("version", Version)
def test_every_header_is_the_specifications_in_its_order(version: Version) -> None:
    names = {file.name: len(file.header(version)) for file in WRITTEN_FILES}
    assert names == {
        "orgs": 7,
        "academicSessions": 9,
        "courses": 10,
        "users": {Version.V1_1: 18, Version.V1_2: 22}[version],
        "classes": 14,
        "enrollments": 10,
        "categories": {Version.V1_1: 4, Version.V1_2: 5}[version],
        "lineItems": {Version.V1_1: 12, Version.V1_2: 13}[version],
        "results": {Version.V1_1: 9, Version.V1_2: 14}[version],
    }


def test_a_manifest_speaks_of_every_file_of_its_version() -> None:
    def listed(version: Version) -> dict[str, str]:
        with zipfile.ZipFile(io.BytesIO(write_oneroster(make_roster(version)))) as archive:
            return dict(csv.reader(io.StringIO(archive.read("manifest.csv").decode())))  # type: ignore[arg-type]

    first, second = listed(Version.V1_1), listed(Version.V1_2)
    assert (first["oneroster.version"], second["oneroster.version"]) == ("1.1", "1.2")
    assert (first["file.users"], first["file.demographics"], second["file.roles"]) == (
        "bulk",
        "absent",
        "bulk",
    )
    assert len([name for name in first if name.startswith("file.")]) == 13
    assert len([name for name in second if name.startswith("file.")]) == 21


def test_the_same_roster_is_the_same_archive() -> None:
    roster = make_roster()
    assert write_oneroster(roster) == write_oneroster(roster)


def test_a_delta_is_known_by_its_manifest() -> None:
    assert set(read_oneroster(as_delta(make_roster())).modes.values()) == {Mode.DELTA}


def in_file(name: str, old: str, new: str) -> dict[str, Callable[[str], str]]:
    return {name: lambda text: text.replace(old, new)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(in_file("manifest.csv", "1.1", "2.0"), "oneroster.version", id="version"),
        pytest.param(in_file("manifest.csv", '"bulk"', '"some"'), "neither bulk", id="mode"),
        pytest.param(in_file("manifest.csv", "oneroster.", "other."), "oneroster.version", id="no version"),
        pytest.param(
            in_file("users.csv", "givenName", "firstName"), "lacks the column givenName", id="column"
        ),
        pytest.param(in_file("orgs.csv", '"name"', '"na"me'), "not readable as CSV", id="quotes"),
    ],
)
def test_an_archive_that_is_no_roster_is_refused(changes: dict[str, Callable[[str], str]], said: str) -> None:
    with pytest.raises(MalformedRosterError, match=said):
        read_oneroster(rewritten(write_oneroster(make_roster()), changes))


def without(packed: bytes, gone: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name != gone:
                new.writestr(name, old.read(name))
    return target.getvalue()


@pytest.mark.parametrize("name", ["manifest.csv", "users.csv"])
def test_a_missing_file_is_named(name: str) -> None:
    with pytest.raises(MalformedRosterError, match=name):
        read_oneroster(without(write_oneroster(make_roster()), name))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(in_file("users.csv", '"Student"', '""'), ("users.csv", "missing_field"), id="missing"),
        pytest.param(in_file("users.csv", '"true"', '"maybe"'), ("users.csv", "bad_value"), id="flag"),
        pytest.param(
            in_file("users.csv", '"Student"', '"Stu\x07"'), ("users.csv", "bad_value"), id="control"
        ),
        pytest.param(
            in_file("users.csv", '"Student"', f'"{"x" * 256}"'), ("users.csv", "bad_value"), id="long"
        ),
        pytest.param(
            in_file("academicSessions.csv", "2026-08-01", "31/12/26"),
            ("academicSessions.csv", "bad_date"),
            id="date",
        ),
        pytest.param(
            in_file("users.csv", "student-1-", "student-0-"), ("users.csv", "duplicate"), id="duplicate"
        ),
        pytest.param(
            in_file("enrollments.csv", '"student"', '"student","","","","",""'),
            ("enrollments.csv", "bad_row"),
            id="row",
        ),
    ],
)
def test_a_line_of_no_use_is_a_problem_and_the_others_are_read(
    changes: dict[str, Callable[[str], str]], problem: tuple[str, str]
) -> None:
    roster = read_oneroster(rewritten(write_oneroster(make_roster()), changes))
    assert {(found.file, found.code) for found in roster.problems} == {problem}
    assert all(found.line > 1 for found in roster.problems)
    assert len(roster.organisations) == 2
