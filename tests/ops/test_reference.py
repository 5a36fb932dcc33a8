"""The generated pages are what the code says, and writing them changes nothing else."""

from pathlib import Path

from core.permissions import Permission
from ops.reference import (
    ERRORS_PAGE,
    PERMISSIONS_PAGE,
    ROOT,
    SETTINGS_PAGE,
    door_table,
    permission_table,
    permissions_page,
    write_reference,
)


def test_the_permission_page_is_what_the_code_says() -> None:
    page = (ROOT / PERMISSIONS_PAGE).read_text(encoding="utf-8")
    assert page == permissions_page(), "run `python -m ops.reference`"


def test_the_permission_table_has_a_line_for_every_permission_and_a_column_for_every_role() -> None:
    header, _, *rows = permission_table().splitlines()
    assert header == "| permission | what | student | teacher | admin |"
    assert [row.split("`")[1] for row in rows] == list(Permission)
    assert "| `submission:write` | Work on assignments and hand them in | self | - | - |" in rows
    assert "| `invitation:manage` | Invite teachers and admins | - | - | oversees |" in rows


def test_the_table_of_doors_names_public_routes_and_socket_events_too() -> None:
    rows = door_table().splitlines()
    assert "| `POST /api/v1/submissions` | `submission:write` | default |" in rows
    assert any(row.startswith("| `POST /api/v1/auth/login` | public |") for row in rows)
    assert "| socket `class:watch` | `class:watch` | - |" in rows


def test_writing_the_pages_again_changes_none_of_them(tmp_path: Path) -> None:
    pages = [SETTINGS_PAGE, ERRORS_PAGE, PERMISSIONS_PAGE]
    (tmp_path / "docs").mkdir()
    for page in pages:
        (tmp_path / page).write_bytes((ROOT / page).read_bytes())
    write_reference(tmp_path)
    assert {page: (tmp_path / page).read_text() for page in pages} == {
        page: (ROOT / page).read_text() for page in pages
    }
