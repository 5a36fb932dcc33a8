"""A roster to an archive: pure; every value quoted, none altered."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace

from api.rosters.columns import ROLES, WRITTEN_FILES, File, listed_files
from api.rosters.roster import Person, RoleRow, Roster, Row, Version

_MANIFEST = {"manifest.version": "1.0"}
_SOURCE = {"source.systemName": "Homeroom", "source.systemCode": "homeroom"}
_STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every entry: the same roster is the same archive, byte for byte."""


def write_oneroster(roster: Roster) -> bytes:
    """Return the archive of a roster in its version; files without rows are absent."""
    tables = {file: list(getattr(roster, file.attribute)) for file in WRITTEN_FILES}
    if roster.version is Version.V1_2:
        tables[ROLES] = list(_roles(roster.people))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "manifest", _manifest(roster.version, {file.name for file in tables if tables[file]}))
        for file, rows in tables.items():
            if rows:
                _add(archive, file.name, _lines(file, roster.version, rows))
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, name: str, lines: Iterator[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(lines)
    entry = zipfile.ZipInfo(f"{name}.csv", _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text.getvalue())


def _manifest(version: Version, present: set[str]) -> Iterator[Sequence[str]]:
    modes = {f"file.{name}": "bulk" if name in present else "absent" for name in listed_files(version)}
    yield "propertyName", "value"
    yield from {**_MANIFEST, "oneroster.version": version.value, **modes, **_SOURCE}.items()


def _lines(file: File, version: Version, rows: Sequence[Row]) -> Iterator[Sequence[str]]:
    header = file.header(version)
    columns = {column.header: column for column in file.kept(version)}
    yield header
    for row in rows:
        cells = {name: column.codec.write(getattr(row, column.attribute)) for name, column in columns.items()}
        if row.is_active:
            cells["status"] = cells["dateLastModified"] = ""  # both stay empty in bulk files
        yield [cells.get(name, "") for name in header]


def _roles(people: Sequence[Person]) -> Iterator[RoleRow]:
    for person in people:
        for number, organisation in enumerate(person.organisations):
            yield RoleRow(
                sourced_id=f"{person.sourced_id}:role:{number + 1}",
                user=person.sourced_id,
                kind="secondary" if number else "primary",
                role=person.role,
                organisation=organisation,
            )


def as_version(roster: Roster, version: Version) -> Roster:
    """Return the same roster, to be written in another version."""
    return replace(roster, version=version)
