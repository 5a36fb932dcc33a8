"""An archive to a roster: pure, and whatever a line holds, the others are read."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from api.archives import ArchiveLimits, read_archive
from api.rosters.columns import READ_FILES, ROLES, BadValueError, File, listed_files
from api.rosters.errors import MalformedRosterError
from api.rosters.roster import Mode, Person, Problem, RoleRow, Roster, Row, Version

LIMITS = ArchiveLimits(entries=100, unpacked=100 * 1024 * 1024, ratio=200)

MESSAGES = {
    "missing_field": "A value that the file must have is missing.",
    "bad_date": "This is not a date (YYYY-MM-DD).",
    "bad_value": "A value is too long or not one of those the column may hold.",
    "bad_row": "The line has more values than the header has names.",
    "duplicate": "The file has this sourcedId twice; the first line counts.",
}


def read_oneroster(packed: bytes) -> Roster:
    """Return what a OneRoster archive says. Raises UnsafeArchiveError or MalformedRosterError."""
    files = {name.casefold(): content for name, content in read_archive(packed, LIMITS).items()}
    manifest = _manifest(files)
    version = _version(manifest)
    modes = _modes(manifest, version)
    _require_present(modes, files)
    problems: list[Problem] = []
    tables: dict[str, tuple[Row, ...]] = {}
    for file in READ_FILES:
        if file.name in modes:
            tables[file.attribute] = tuple(_rows(file, version, files, problems))
    if version is Version.V1_2 and "roles" in modes:
        roles = list(_rows(ROLES, version, files, problems))
        tables["people"] = tuple(_with_roles(tables.get("people", ()), roles))
    return Roster(version, modes=modes, problems=tuple(problems), **tables)  # type: ignore[arg-type]


def _manifest(files: Mapping[str, bytes]) -> dict[str, str]:
    if "manifest.csv" not in files:
        raise MalformedRosterError("The archive has no manifest.csv at its top.")
    lines = csv.reader(io.StringIO(_text("manifest.csv", files), newline=""))
    try:
        return {line[0].strip().rstrip("*"): line[1].strip() for line in lines if len(line) >= 2}
    except csv.Error as error:
        raise MalformedRosterError("manifest.csv is not readable.") from error


def _version(manifest: Mapping[str, str]) -> Version:
    try:
        return Version(manifest.get("oneroster.version", ""))
    except ValueError as error:
        raise MalformedRosterError("manifest.csv names no oneroster.version of 1.1 or 1.2.") from error


def _modes(manifest: Mapping[str, str], version: Version) -> dict[str, Mode]:
    modes: dict[str, Mode] = {}
    for name in listed_files(version):
        mode = manifest.get(f"file.{name}", "absent").casefold()
        if mode not in {"absent", *Mode}:
            raise MalformedRosterError(f"manifest.csv says neither bulk, delta nor absent of {name}.")
        if mode != "absent":
            modes[name] = Mode(mode)
    return modes


def _require_present(modes: Mapping[str, Mode], files: Mapping[str, bytes]) -> None:
    for file in (*READ_FILES, ROLES):
        if file.name in modes and f"{file.name.casefold()}.csv" not in files:
            raise MalformedRosterError(f"manifest.csv promises {file.name}.csv, which the archive lacks.")


def _text(path: str, files: Mapping[str, bytes]) -> str:
    try:
        return files[path].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedRosterError(f"{path} is not UTF-8.") from error


def _rows(file: File, version: Version, files: Mapping[str, bytes], problems: list[Problem]) -> Iterator[Row]:
    """Yield the lines of use; the first of two with one sourcedId."""
    path = f"{file.name}.csv"
    lines = csv.DictReader(io.StringIO(_text(path.casefold(), files), newline=""), strict=True)
    seen: set[str] = set()
    try:
        _require_header(file, version, lines.fieldnames or ())
        for cells in lines:
            number, sourced_id = lines.line_num, (cells.get("sourcedId") or "").strip()
            try:
                row = _row(file, version, cells, number)
                if row.sourced_id in seen:
                    raise BadValueError("duplicate")  # noqa: TRY301 - all reasons end in one place
            except BadValueError as error:
                code = str(error)
                problems.append(Problem(path, number, sourced_id[:255], code, MESSAGES[code]))
                continue
            seen.add(row.sourced_id)
            yield row
    except csv.Error as error:
        raise MalformedRosterError(f"{path} is not readable as CSV.") from error


def _require_header(file: File, version: Version, header: Any) -> None:
    missing = {column.header for column in file.kept(version) if column.is_required} - set(header)
    if missing:
        raise MalformedRosterError(f"{file.name}.csv lacks the column {min(missing)}.")


def _row(file: File, version: Version, cells: Mapping[str, Any], number: int) -> Row:
    if None in cells:
        raise BadValueError("bad_row")
    values: dict[str, Any] = {"line": number}
    for column in file.kept(version):
        cell = (cells.get(column.header) or "").strip()
        if column.is_required and not cell:
            raise BadValueError("missing_field")
        values[column.attribute] = column.codec.read(cell)
    return file.row(**values)


def _with_roles(people: tuple[Row, ...], roles: list[Row]) -> Iterator[Row]:
    """1.2: a person's role is the primary one; organisations follow in the order of the lines, its own first."""
    by_user: dict[str, list[RoleRow]] = defaultdict(list)
    for role in roles:
        if isinstance(role, RoleRow) and role.is_active:
            by_user[role.user].append(role)
    for person in people:
        own = sorted(by_user[person.sourced_id], key=lambda role: role.kind != "primary")
        if not isinstance(person, Person) or not own:
            yield person
            continue
        places = tuple(dict.fromkeys(role.organisation for role in own))
        yield replace(person, role=own[0].role, organisations=places)
