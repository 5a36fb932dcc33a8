"""What the pages tell an analyst to type works as it stands, on a bundle and with nothing of ours imported."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.tenancy import TenantId
from tests.factories.marts import serve
from warehouse.bundle import verify_bundle
from warehouse.folder import open_warehouse
from warehouse.manifest import served_manifest
from warehouse.pseudonyms import Pseudonyms
from warehouse.snapshots import write_record_bundle

ROOT = Path(__file__).parents[2]
PAGES = {"README.md": "2026-11-20", "docs/data-export.md": "viewed"}
"""And what their snippets print of the bundle."""
OURS = TenantId.from_partition_key("01900000-0000-7000-8000-00000000000a")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = open_warehouse(str(tmp_path / "warehouse"), tmp_path / "cache").district(OURS)
    place = {"class_id": "class", "school_id": "school", "student_id": "student"}
    known = {"school_id": "school", "student_id": "student", "concept_id": "slope", "band": "secure"}
    event = {"event_id": "event", "actor_id": "student", "verb": "viewed"}
    rows = {"answers": [place], "gradebook": [place], "concept_mastery": [known], "events": [event]}
    serve(folder, rows)
    write_record_bundle(folder, served_manifest(folder), Pseudonyms(b"secret"))
    root = folder.local_root / "exports"
    assert verify_bundle(root).problems == ()
    return root


@pytest.mark.parametrize("page", PAGES)
def test_the_snippets_for_analysts_run_on_a_bundle(bundle: Path, page: str) -> None:
    snippets = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert snippets
    for snippet in snippets:
        assert {"duckdb", "pandas", "polars"} <= set(re.findall(r"\w+", snippet))
        ran = subprocess.run(
            [sys.executable, "-I", "-c", snippet], cwd=bundle, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        assert PAGES[page] in ran.stdout
