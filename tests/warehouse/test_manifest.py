import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from tests.warehouse.conftest import NOW, answer_rows, event_rows
from warehouse.answers import ANSWERS
from warehouse.events import EVENTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import (
    GRACE,
    FileEntry,
    Manifest,
    ManifestCorruptedError,
    MartNotServedError,
    publish,
    read_manifest,
    remove_retired,
    served_manifest,
)
from warehouse.writer import write_mart

Serve = Callable[..., Manifest]


def test_before_the_first_publication_nothing_is_served(folder: DistrictFolder) -> None:
    assert read_manifest(folder) is None
    with pytest.raises(MartNotServedError, match="nothing has been published"):
        served_manifest(folder)


def test_a_publication_names_what_it_wrote_and_keeps_the_other_marts(
    folder: DistrictFolder, serve: Serve
) -> None:
    serve(folder, answer_rows(3))
    manifest = serve(folder, event_rows(NOW, 2), EVENTS, "run-2")
    assert read_manifest(folder) == manifest
    assert {name: (entry.version, entry.rows) for name, entry in manifest.marts.items()} == {
        "answers": ("run-1", 3),
        "events": ("run-2", 2),
    }


def test_as_of_is_the_oldest_of_the_marts(folder: DistrictFolder) -> None:
    answers = write_mart(folder, ANSWERS, answer_rows(1), version="run-1", as_of=NOW)
    events = write_mart(folder, EVENTS, event_rows(NOW, 1), version="run-1", as_of=NOW - timedelta(minutes=1))
    manifest = publish(folder, [answers, events], run_id="run-1", computed_at=NOW)
    assert manifest.as_of == NOW - timedelta(minutes=1)


def test_an_unpublished_mart_of_a_published_district_is_named_in_the_refusal(
    folder: DistrictFolder, serve: Serve
) -> None:
    with pytest.raises(MartNotServedError, match="events"):
        serve(folder, answer_rows(1)).entry("events")


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b'{"format": 2}'])
def test_a_damaged_manifest_is_refused(folder: DistrictFolder, content: bytes) -> None:
    folder.swap("manifest.json", content, None)
    with pytest.raises(ManifestCorruptedError, match="damaged"):
        read_manifest(folder)


def test_a_manifest_of_another_district_is_refused(
    folder: DistrictFolder, foreign_folder: DistrictFolder, serve: Serve
) -> None:
    serve(folder, answer_rows(1))
    stored = folder.read("manifest.json")
    assert stored is not None
    foreign_folder.swap("manifest.json", stored.content, None)
    with pytest.raises(ManifestCorruptedError, match="another district"):
        read_manifest(foreign_folder)


@pytest.mark.parametrize(
    "path",
    [
        "../answers/v=1/part-0.parquet",
        "/answers/v=1/x.parquet",
        "answers/v=1/../../../x.parquet",
        "answers/v=1/*.parquet",
    ],
)
def test_a_manifest_cannot_point_outside_its_folder(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        FileEntry(path=path, rows=1, bytes=1, sha256="0" * 64)


def test_the_manifest_reads_as_plain_json(folder: DistrictFolder, serve: Serve) -> None:
    serve(folder, answer_rows(3))
    content: dict[str, Any] = json.loads((folder.local_root / "manifest.json").read_text())
    assert (content["district_id"], content["run_id"], content["marts"]["answers"]["files"][0]["rows"]) == (
        str(folder.tenant),
        "run-1",
        3,
    )


def _versions(folder: DistrictFolder) -> set[str]:
    return {path.split("/")[1] for path in folder.paths("answers")}


def test_replaced_and_abandoned_versions_stay_for_the_grace_period_and_then_go(
    folder: DistrictFolder, serve: Serve
) -> None:
    serve(folder, answer_rows(1))
    write_mart(folder, ANSWERS, pl.concat([answer_rows(2)]), version="run-that-died", as_of=NOW)
    manifest = serve(folder, answer_rows(3), run_id="run-2")
    assert remove_retired(folder, manifest, now=NOW) == 0
    assert remove_retired(folder, manifest, now=NOW + GRACE - timedelta(seconds=1)) == 0
    assert _versions(folder) == {"v=run-1", "v=run-that-died", "v=run-2"}
    remove_retired(folder, manifest, now=NOW + GRACE)
    assert _versions(folder) == {"v=run-2"}
    assert (folder.local_root / manifest.marts["answers"].files[0].path).exists()
