"""The columns of the permission matrix: everybody who may knock, and how they are related to what is behind."""

from collections.abc import Callable
from dataclasses import dataclass

from core.models import User
from core.permissions import Relation
from core.tenancy import Role
from tests.factories.world import World

SELF, ENROLLED, HOLDS_CODE = Relation.SELF, Relation.ENROLLED, Relation.HOLDS_CODE
TEACHES, OVERSEES, DISTRICT = Relation.TEACHES, Relation.OVERSEES, Relation.DISTRICT
LIBRARY = Relation.LIBRARY


@dataclass(frozen=True)
class Caller:
    """One column of the matrix. `related`: every relation this person has to the rows that the samples name,
    which belong to `student` in the class of `teacher` in the first school of the first district."""

    name: str
    role: Role | None
    person: Callable[[World], User | None]
    related: frozenset[Relation] = frozenset()

    @property
    def is_in_the_class(self) -> bool:
        """Its teacher or a student of it: whoever is in its conversations."""
        return not self.related.isdisjoint({ENROLLED, TEACHES})


def at_home(name: str) -> Callable[[World], User | None]:
    return lambda world: getattr(world.districts[0].schools[0], name)


def next_door(name: str) -> Callable[[World], User | None]:
    return lambda world: getattr(world.districts[0].schools[1], name)


def abroad(name: str) -> Callable[[World], User | None]:
    return lambda world: getattr(world.districts[1].schools[0], name)


ANONYMOUS = Caller("anonymous", None, lambda _: None)
CALLERS = [
    ANONYMOUS,
    Caller("student", Role.STUDENT, at_home("student"), frozenset({SELF, ENROLLED, HOLDS_CODE, DISTRICT})),
    Caller("classmate", Role.STUDENT, at_home("classmate"), frozenset({ENROLLED, HOLDS_CODE, DISTRICT})),
    Caller("teacher", Role.TEACHER, at_home("teacher"), frozenset({TEACHES, LIBRARY, DISTRICT})),
    Caller("colleague", Role.TEACHER, at_home("other_teacher"), frozenset({DISTRICT})),
    Caller("school admin", Role.ADMIN, at_home("admin"), frozenset({OVERSEES, DISTRICT})),
    Caller(
        "district admin", Role.ADMIN, lambda world: world.districts[0].admin, frozenset({OVERSEES, DISTRICT})
    ),
    Caller("student of another school", Role.STUDENT, next_door("student"), frozenset({DISTRICT})),
    Caller("teacher of another school", Role.TEACHER, next_door("teacher"), frozenset({DISTRICT})),
    Caller("admin of another school", Role.ADMIN, next_door("admin"), frozenset({DISTRICT})),
    Caller("foreign student", Role.STUDENT, abroad("student")),
    Caller("foreign teacher", Role.TEACHER, abroad("teacher")),
    Caller("foreign admin", Role.ADMIN, abroad("admin")),
]
