"""The ground all tests stand on: which servers run, what may not leave, what must not stay."""

import os
from collections.abc import Iterator

import pytest

from tests.fixtures.engines import EngineRoom, announce, engine_room_key, left_behind, wanted_engine
from tests.fixtures.network import stay_on_this_machine

pytest_plugins = [
    "tests.fixtures.stores",
    "tests.fixtures.rows",
    "tests.fixtures.web",
    "tests.fixtures.mail",
    "tests.fixtures.oidc",
    "tests.fixtures.openai",
]

_OURS = ("HOMEROOM_TEST_", "HOMEROOM_E2E_", "HOMEROOM_TIMESCALE_")


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("HOMEROOM_") and not name.startswith(_OURS)]:
        del os.environ[name]  # a developer's own settings must not steer the tests
    worker_input = getattr(config, "workerinput", None)
    received = None if worker_input is None else worker_input["engines"]
    config.stash[engine_room_key] = EngineRoom(received)
    stay_on_this_machine()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Before a worker of pytest-xdist starts: the servers run in this process, the worker gets their addresses."""
    node.workerinput["engines"] = node.config.stash[engine_room_key].addresses()  # type: ignore[attr-defined]


def pytest_report_header() -> str:
    return f"engine asked for: {wanted_engine()}"


_FIRST, _LAST = ("tests/faults", "tests/oracle"), "tests/e2e"
"""Files that take minutes begin first, or one worker would end them while the others are idle. A whole stack stays
up once it was asked for, so those who ask come last.
"""
_ENGINES_ARE_ALL_ONE = {
    "tests/ops/bench",
    "tests/oracle",
    *(
        f"tests/pipelines/{group}"
        for group in ("ai", "gradebook", "items", "paths", "risk", "velocity", "work")
    ),
    *(
        f"tests/api/{room}"
        for room in (
            *("accommodations", "assignments", "classes", "generation", "question_banks", "questions"),
            *("ai_grading", "class_grades", "explanations", "gradebook", "grades", "grading"),
            *("grading_policies", "regrades", "reviews", "risk_flags", "exports"),
            *("analytics", "class_analytics", "student_analytics", "comparisons", "progress"),
            *("auth", "consents", "users", "messages", "notifications", "files", "curricula"),
            *("invitations", "mails", "oauth", "oidc", "passwords", "permissions", "registration", "rosters"),
        )
    ),
}
"""Rooms without a hypertable: tests/leaks drives each of their routes on every engine, their own tests run on one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches PostgreSQL, so that `-m database` runs it again on another engine.

    Not what asks the same of every engine, over HTTP and many times.
    """
    items.sort(key=_turn)
    for item in items:
        if "engines" not in getattr(item, "fixturenames", ()):
            continue
        if item.path.parent.relative_to(item.config.rootpath).as_posix() in _ENGINES_ARE_ALL_ONE:
            item.add_marker(pytest.mark.any_engine)
        if not item.get_closest_marker("any_engine"):
            item.add_marker(pytest.mark.database)


def _turn(item: pytest.Item) -> int:
    path = item.path.relative_to(item.config.rootpath).as_posix()
    return 0 if path.startswith(_FIRST) else 2 if path.startswith(_LAST) else 1


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    started = config.stash[engine_room_key].started
    terminalreporter.section("ENGINES USED", sep="=", bold=True)
    terminalreporter.line(started.names if started else "none: no test asked for a server")


def pytest_unconfigure(config: pytest.Config) -> None:
    if engine_room_key in config.stash:
        config.stash[engine_room_key].close()


@pytest.fixture(scope="session", autouse=True)
def _nothing_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the run when a test leaves a process behind."""
    yield
    started = request.config.stash[engine_room_key].started
    left = left_behind(started.process_ids if started else [])
    for line in left:
        announce(f"left behind: {line}")
    assert left == []
