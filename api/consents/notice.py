"""What a guardian is told before deciding: one file per version, never changed once a guardian has read it."""

from functools import cache
from pathlib import Path

NOTICES = Path(__file__).parent / "notices"


@cache
def notice_versions() -> tuple[str, ...]:
    """Every version, oldest first; their names are months."""
    return tuple(sorted(file.stem for file in NOTICES.glob("*.md")))


def current_version() -> str:
    return notice_versions()[-1]


def notice_text(version: str, *, child: str, school: str, days: int) -> str:
    """Return a notice about one child. Raises FileNotFoundError for a version there never was."""
    text = _text(version)
    for name, value in {"days": str(days), "school": school, "child": child}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@cache
def _text(version: str) -> str:
    return (NOTICES / f"{version}.md").read_text(encoding="utf-8").strip()
