"""The demo that `homeroom up --demo` brings up: small enough for seconds, real enough to look at."""

from collections.abc import Mapping
from datetime import UTC, datetime

from core.keys import KeyRing
from ops.demo import seed_demo
from ops.demo.world import SMALL

PASSWORD = "chalk-and-slate-42"  # noqa: S105 - printed at every start; the demo listens on loopback only


def seed_small_demo(admin_url: str, keys: KeyRing) -> list[Mapping[str, object]]:
    """Load the demo's districts, or find them loaded; return the `users` of demo.json.

    Raises `ops.demo.DemoConflictError` when its accounts have another password there.
    """
    students, weeks, seed = SMALL
    world = seed_demo(
        admin_url,
        keys=keys,
        password=PASSWORD,
        now=datetime.now(UTC),
        students=students,
        weeks=weeks,
        seed=seed,
    )
    return list(world.users_as_json())
