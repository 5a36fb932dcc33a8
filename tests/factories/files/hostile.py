"""Files that mean harm, or look as if they did: made here, each with what reading it may end in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

READ = "read"
"""The file does no harm to a reader that takes only what it wants from it."""


@dataclass(frozen=True)
class Hostile:
    name: str
    kind: str
    """As what it was handed in: the ending of its name."""
    make: Callable[[], bytes]
    ends_in: frozenset[str]
    """The refusal's code, or READ: whichever wall it meets first on this machine."""
    is_for_the_door: bool = False
    """Its container or its first bytes tell: it should be turned away before a parser starts."""

    @cached_property
    def content(self) -> bytes:
        return self.make()


def hostile(name: str, make: Callable[[], bytes], ends_in: str, *, door: bool = False) -> Hostile:
    """Return a file by its name with ending, and the ways it may end, divided by blanks."""
    return Hostile(name, name.rsplit(".", 1)[1], make, frozenset(ends_in.split()), door)


def corpus() -> list[Hostile]:
    """Return all of them; contents are made when they are first asked for."""
    from tests.factories.files import hostile_others, hostile_pdfs, hostile_pictures, hostile_zips  # noqa: PLC0415

    groups: Iterable[list[Hostile]] = (
        hostile_zips.FILES,
        hostile_pdfs.FILES,
        hostile_pictures.FILES,
        hostile_others.FILES,
    )
    return [file for group in groups for file in group]
