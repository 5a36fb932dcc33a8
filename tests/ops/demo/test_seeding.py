"""The demo in a real database: loaded once, behind the walls, and usable with the known accounts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from rich.progress import Progress

from api.classes.codes import class_code_digest
from core.consents import is_minor
from core.encryption import Place
from core.keys import KeyRing, ensure_keys
from core.models import Base
from ops.demo import DemoConflictError, DemoWorld, seed_demo, seeding
from ops.demo.foreign_keys import OrphanRowsError, checked_in_sets
from ops.demo.world import SimulatedDistrict
from tests.fixtures.engines import Engines
from tests.fixtures.schema import MigratedDatabase, copy_template, drop
from tests.ops.demo.conftest import NOW, SMALL

PASSWORD = "a-term-at-maplewood"
SIZE = {"students": SMALL.students, "weeks": SMALL.weeks, "seed": SMALL.seed}


@pytest.fixture(scope="module")
def demo_keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return ensure_keys(tmp_path_factory.mktemp("demo") / "keys.json")


@pytest.fixture(scope="module")
def demo_database(engines: Engines, worker_name: str) -> Iterator[MigratedDatabase]:
    name = engines.template.replace("template", f"demo_{worker_name}")
    yield copy_template(engines.admin_dsn, engines.template, name)
    drop(engines.admin_dsn, name)


@pytest.fixture(scope="module")
def world(demo_database: MigratedDatabase, demo_keys: KeyRing) -> DemoWorld:
    with Progress(disable=True) as progress:
        return seed_demo(
            demo_database.admin_url, keys=demo_keys, password=PASSWORD, now=NOW, progress=progress, **SIZE
        )


@pytest.fixture
def connection(demo_database: MigratedDatabase, world: DemoWorld) -> Iterator[psycopg.Connection]:
    with psycopg.connect(demo_database.dsn) as opened:
        yield opened


def count(connection: psycopg.Connection, query: str, *parameters: object) -> int:
    row = connection.execute(query, parameters).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def test_every_simulated_row_arrives(
    connection: psycopg.Connection, world: DemoWorld, districts: list[SimulatedDistrict]
) -> None:
    for table in districts[0].tables:
        simulated = sum(len(district.tables[table]) for district in districts)
        assert (
            count(connection, f"SELECT count(*) FROM app.{table}") == simulated == world.rows[f"app.{table}"]
        )


def test_the_message_says_what_was_loaded(world: DemoWorld) -> None:
    assert (
        world.message
        == f"Loaded the demo (120 students, 6 weeks, seed 7): {sum(world.rows.values()):,} rows."
    )


def test_totals_add_up_in_the_database(connection: psycopg.Connection) -> None:
    wrong = count(
        connection,
        "SELECT count(*) FROM app.grades g WHERE g.score <> (SELECT coalesce(sum(a.score), 0) FROM"
        " app.student_answers a WHERE a.district_id = g.district_id AND a.submission_id = g.submission_id"
        " AND a.counts)",
    )
    assert wrong == 0
    assert count(connection, "SELECT count(*) FROM app.grades") > 0


def test_texts_survive_the_journey(connection: psycopg.Connection, district: SimulatedDistrict) -> None:
    for identifier, prompt, options in (
        district.tables["questions"].select("id", "prompt", "options").iter_rows()
    ):
        row = connection.execute(
            "SELECT prompt, options = %s::jsonb FROM app.questions WHERE id = %s", [options, identifier]
        ).fetchone()
        assert row == (prompt, None if options is None else True)


def test_missing_values_are_null_and_not_empty(connection: psycopg.Connection) -> None:
    assert count(connection, "SELECT count(*) FROM app.student_answers WHERE feedback = ''") == 0
    assert count(connection, "SELECT count(*) FROM app.student_answers WHERE feedback IS NULL") > 0


def test_the_app_sees_one_district_and_one_school_of_it(
    demo_database: MigratedDatabase, world: DemoWorld
) -> None:
    teacher = next(user for user in world.users if user.role == "teacher")
    with psycopg.connect(demo_database.app_url.replace("+psycopg", "")) as connection:
        connection.execute(
            "SELECT set_config('app.district_id', %s, true), set_config('app.scope', %s, true)",
            [str(teacher.district), f"school:{teacher.school}"],
        )
        for table in ("student_answers", "grades", "tenant_interaction_events"):
            rows = connection.execute(f"SELECT DISTINCT district_id, school_id FROM app.{table}").fetchall()
            assert rows == [(teacher.district, teacher.school)]


def test_known_accounts_cover_every_role_both_districts_and_several_schools(world: DemoWorld) -> None:
    users = world.users
    assert len({user.district for user in users}) == 2
    assert len({user.school for user in users if user.district == users[0].district}) >= 3
    for district in {user.district for user in users}:
        roles = {(user.role, user.school is None) for user in users if user.district == district}
        assert roles == {("admin", True), ("admin", False), ("teacher", False), ("student", False)}
    students = [user for user in users if user.role == "student" and user.school == users[1].school]
    assert students[0].class_ids == students[1].class_ids
    assert not set(students[0].class_ids) & set(students[-1].class_ids)


def test_known_accounts_teach_and_attend_what_the_database_says(
    connection: psycopg.Connection, world: DemoWorld
) -> None:
    for user in world.users:
        taught = "SELECT id FROM app.classes WHERE teacher_id = %s"
        attended = "SELECT class_id FROM app.class_enrollments WHERE student_id = %s AND status = 'approved'"
        query = attended if user.role == "student" else taught
        found = {row[0] for row in connection.execute(query, [user.user_id])}  # type: ignore[arg-type]
        assert found == set(user.class_ids)
        assert bool(found) == (user.role != "admin")


def test_known_accounts_can_sign_in(
    connection: psycopg.Connection, world: DemoWorld, demo_keys: KeyRing
) -> None:
    hashes = set()
    for user in world.users:
        row = connection.execute(
            "SELECT user_id, district_id, password_hash FROM auth.find_identity(%s)",
            [demo_keys.email_index(user.email)],
        ).fetchone()
        assert row is not None
        assert row[:2] == (user.user_id, user.district)
        hashes.add(row[2])
    assert len(hashes) == 1
    assert Argon2Hasher().verify(PASSWORD, hashes.pop())


def test_class_codes_lead_to_their_classes(connection: psycopg.Connection, world: DemoWorld) -> None:
    for class_id, code in connection.execute("SELECT id, code FROM app.classes LIMIT 5").fetchall():
        found = connection.execute(
            "SELECT class_id FROM auth.find_class_code(%s, %s)", [class_code_digest(code), NOW]
        ).fetchone()
        assert found == (class_id,)


def test_accounts_are_written_as_plain_json(world: DemoWorld) -> None:
    first = world.users_as_json()[0]
    assert set(first) == {"email", "password", "role", "name", "user_id", "district", "school", "class_ids"}
    assert first["email"] == "admin@120-6-7.maplewood.example.org"
    assert first["school"] is None
    assert UUID(first["user_id"]) == world.users[0].user_id


def test_a_second_call_changes_nothing_even_a_day_later(
    connection: psycopg.Connection, demo_database: MigratedDatabase, world: DemoWorld, demo_keys: KeyRing
) -> None:
    before = count(connection, "SELECT count(*) FROM app.interaction_events")
    again = seed_demo(
        demo_database.dsn, keys=demo_keys, password=PASSWORD, now=NOW + timedelta(days=1), **SIZE
    )
    assert again.was_there
    assert "already there" in again.message
    assert again.users == world.users
    assert count(connection, "SELECT count(*) FROM app.interaction_events") == before


def test_another_password_for_the_same_demo_is_refused(
    demo_database: MigratedDatabase, world: DemoWorld, demo_keys: KeyRing
) -> None:
    with pytest.raises(DemoConflictError, match="password"):
        seed_demo(demo_database.dsn, keys=demo_keys, password="another-password-77", now=NOW, **SIZE)


def test_a_demo_of_another_size_or_seed_stands_beside_the_first(
    scratch_database: MigratedDatabase, demo_keys: KeyRing
) -> None:
    sizes = [{"students": 40, "weeks": 2, "seed": 1}, {"students": 44, "weeks": 2, "seed": 1}]
    worlds = [
        seed_demo(scratch_database.dsn, keys=demo_keys, password=PASSWORD, now=NOW, **size) for size in sizes
    ]
    users = [user for world in worlds for user in world.users]
    assert len({user.district for user in users}) == 4
    assert len({user.email for user in users}) == len({user.user_id for user in users}) == len(users)
    with psycopg.connect(scratch_database.dsn) as connection:
        assert count(connection, "SELECT count(*) FROM app.districts") == 4


def test_a_role_behind_the_walls_cannot_load(
    demo_database: MigratedDatabase, demo_keys: KeyRing, world: DemoWorld
) -> None:
    with pytest.raises(DemoConflictError, match="superuser"):
        seed_demo(demo_database.app_url, keys=demo_keys, password=PASSWORD, now=NOW, **SIZE)


def test_an_interrupted_load_is_completed_by_the_next_call(
    scratch_database: MigratedDatabase, demo_keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = seeding._load_side_by_side
    with monkeypatch.context() as patched:
        patched.setattr(seeding, "_load_side_by_side", lambda numbers, load: whole(numbers[1:], load))
        half = seed_demo(scratch_database.dsn, keys=demo_keys, password=PASSWORD, now=NOW, **SIZE)
    later = NOW + timedelta(hours=5)
    rest = seed_demo(scratch_database.dsn, keys=demo_keys, password=PASSWORD, now=later, **SIZE)
    assert half.rows["app.districts"] == rest.rows["app.districts"] == 1
    assert rest.parameters == replace(SMALL, now=NOW)
    with psycopg.connect(scratch_database.dsn) as connection:
        assert count(connection, "SELECT count(*) FROM app.users WHERE role = 'student'") == SMALL.students
        assert count(connection, "SELECT count(*) FROM app.district_directory") == 2


def test_rows_that_refer_to_nothing_are_refused_and_not_kept(
    demo_database: MigratedDatabase, world: DemoWorld, district: SimulatedDistrict
) -> None:
    district_id = district.roll.district_id
    before = "SELECT count(*) FROM app.grades WHERE district_id = %s"
    with psycopg.connect(demo_database.dsn) as connection:
        grades = count(connection, before, district_id)
        lose_submissions = "DELETE FROM app.student_submissions WHERE district_id = %s"
        with pytest.raises(OrphanRowsError, match="refer to nothing"), connection.transaction():  # noqa: SIM117
            with checked_in_sets(connection, district_id):
                connection.execute(lose_submissions, [district_id])
        assert count(connection, before, district_id) == grades
        assert count(
            connection, "SELECT count(*) FROM app.student_submissions WHERE district_id = %s", district_id
        )


def test_every_foreign_key_of_the_models_is_checked(
    demo_database: MigratedDatabase, world: DemoWorld
) -> None:
    with psycopg.connect(demo_database.dsn) as connection:
        declared = count(
            connection,
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'app'::regnamespace"
            " AND conparentid = 0",
        )
    assert declared == sum(len(table.foreign_key_constraints) for table in Base.metadata.tables.values())


def test_two_pupils_under_13_have_their_guardians_word(
    connection: psycopg.Connection, demo_keys: KeyRing, world: DemoWorld
) -> None:
    children = connection.execute(
        "SELECT id, district_id, birth_date_encrypted FROM app.users"
        " WHERE birth_date_encrypted IS NOT NULL ORDER BY id"
    ).fetchall()
    place = Place("users", "birth_date_encrypted", children[0][1])
    for _, _, sealed in children:
        assert is_minor(date.fromisoformat(demo_keys.columns.decrypt(sealed, place)), NOW.date())
    assert {child for child, _, _ in children} <= {user.user_id for user in world.users}
    decided = connection.execute("SELECT student_id, scope, decision FROM app.consents").fetchall()
    assert {(scope, decision) for child, scope, decision in decided if child == children[0][0]} == {
        ("collection", "granted"),
        ("ai_processing", "granted"),
        ("third_party_disclosure", "declined"),
    }
    words = {decision for child, scope, decision in decided if scope == "ai_processing"}
    assert words == {"granted", "declined"}
    assert len({child for child, _, _ in decided}) == len(children) == 2


def test_a_list_of_disclosures_has_something_to_show(connection: psycopg.Connection) -> None:
    children = "SELECT student_id FROM app.consents"
    reads = f"SELECT count(*) FROM app.audit_events WHERE action = 'read' AND subject_id IN ({children})"
    assert count(connection, reads) == 4


def test_everybody_has_a_verified_address(connection: psycopg.Connection) -> None:
    assert count(connection, "SELECT count(*) FROM auth.identities WHERE email_verified_at IS NULL") == 0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("SELECT count(DISTINCT user_id) FROM app.user_search_terms", "SELECT count(*) FROM app.users"),
        ("SELECT count(*) FROM app.enrollment_changes", "SELECT count(*) FROM app.class_enrollments"),
        ("SELECT count(*) FROM app.question_key_versions", "SELECT count(*) FROM app.questions"),
    ],
    ids=["people are found", "places have a history", "keys have versions"],
)
def test_what_triggers_write_elsewhere_is_there(
    connection: psycopg.Connection, written: str, expected: str
) -> None:
    counted = [connection.execute(statement).fetchone() for statement in (written, expected)]
    assert counted[0] == counted[1] != (0,)


def test_each_school_has_a_bank_that_can_be_searched(connection: psycopg.Connection) -> None:
    statement = (
        "SELECT count(DISTINCT b.school_id), count(DISTINCT t.question_id) = count(DISTINCT q.id),"
        " count(DISTINCT c.question_id) > 0 FROM app.question_banks b"
        " JOIN app.bank_questions q ON q.bank_id = b.id LEFT JOIN app.bank_question_terms t ON t.question_id = q.id"
        " LEFT JOIN app.bank_question_concepts c ON c.question_id = q.id"
    )
    schools = connection.execute("SELECT count(DISTINCT school_id) FROM app.classes").fetchone()
    assert schools is not None
    assert connection.execute(statement).fetchone() == (*schools, True, True)


def test_somebody_in_each_class_has_more_time(connection: psycopg.Connection) -> None:
    granted = connection.execute("SELECT count(DISTINCT class_id) FROM app.accommodations").fetchone()
    assert granted == connection.execute("SELECT count(*) FROM app.classes").fetchone()


def test_every_text_has_a_proposal_and_those_without_a_score_wait_for_their_teacher(
    connection: psycopg.Connection,
) -> None:
    texts = "SELECT count(*) FROM app.student_answers WHERE counts AND answer ? 'text'"
    assert count(connection, texts) == count(connection, "SELECT count(*) FROM app.ai_gradings") > 0
    waiting = count(connection, texts + " AND score IS NULL")
    assert waiting == count(connection, "SELECT count(*) FROM app.ai_gradings WHERE state = 'waiting'")
    changed = count(connection, "SELECT count(*) FROM app.ai_gradings WHERE human_score <> score")
    assert changed == count(connection, "SELECT count(*) FROM app.ai_gradings WHERE state = 'changed'") > 0


def test_everyone_in_a_class_has_the_overall_grade_that_settling_would_give(
    connection: psycopg.Connection,
) -> None:
    places = count(connection, "SELECT count(*) FROM app.class_enrollments WHERE status = 'approved'")
    assert places == count(connection, "SELECT count(*) FROM app.class_grades") > 0
    assert places == count(connection, "SELECT count(*) FROM app.class_grade_history")
    by_points = """
        SELECT count(*) FROM app.class_grades WHERE all_final_percent IS NULL OR all_final_percent > 100
            OR all_current_percent < all_final_percent
    """
    assert count(connection, by_points) == 0
