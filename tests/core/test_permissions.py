"""The table: every permission has a line in plain words, and every role holds what it should and no more."""

import pytest

from core.permissions import PERMISSIONS, Permission, Relation, may, relation_of
from core.tenancy import Role

STUDENT_RELATIONS = {Relation.SELF, Relation.ENROLLED, Relation.HOLDS_CODE, Relation.DISTRICT}
ROLE_RELATIONS = {
    Role.STUDENT: STUDENT_RELATIONS,
    Role.TEACHER: {Relation.SELF, Relation.TEACHES, Relation.LIBRARY, Relation.DISTRICT},
    Role.ADMIN: {Relation.SELF, Relation.OVERSEES, Relation.DISTRICT},
}


def test_every_permission_has_a_line_that_says_what_it_is() -> None:
    assert list(PERMISSIONS) == list(Permission)
    sentences = [grant.what for grant in PERMISSIONS.values()]
    assert all(sentence[0].isupper() and not sentence.endswith(".") for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_every_permission_belongs_to_some_role_and_every_role_holds_some() -> None:
    for permission in Permission:
        assert any(may(role, permission) for role in Role), permission
    for role in Role:
        assert any(may(role, permission) for permission in Permission), role


def test_every_relation_is_a_sentence_and_used() -> None:
    used = {relation_of(role, permission) for role in Role for permission in Permission} - {None}
    assert used == set(Relation)
    assert all(relation.sentence.endswith(".") for relation in Relation)


@pytest.mark.parametrize("role", Role)
def test_a_role_has_only_relations_that_make_sense_for_it(role: Role) -> None:
    relations = {relation_of(role, permission) for permission in Permission} - {None}
    assert relations <= ROLE_RELATIONS[role]


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.SUBMISSION_WRITE, {Role.STUDENT}),
        (Permission.CLASS_JOIN, {Role.STUDENT}),
        (Permission.CLASS_CREATE, {Role.TEACHER}),
        (Permission.ENROLLMENT_MANAGE, {Role.TEACHER}),
        (Permission.INVITATION_MANAGE, {Role.ADMIN}),
        (Permission.GRADEBOOK_READ, {Role.TEACHER, Role.ADMIN}),
        (Permission.ANALYTICS_READ, {Role.TEACHER, Role.ADMIN}),
        (Permission.ASSIGNMENT_MANAGE, {Role.TEACHER}),
        (Permission.GRADE_READ, set(Role)),
    ],
)
def test_a_permission_is_held_by_these_roles_and_no_other(permission: Permission, roles: set[Role]) -> None:
    assert {role for role in Role if may(role, permission)} == roles


def test_a_student_never_reaches_beyond_the_own_work() -> None:
    for permission in (Permission.SUBMISSION_READ, Permission.GRADE_READ, Permission.PROFILE_READ):
        assert relation_of(Role.STUDENT, permission) is Relation.SELF
