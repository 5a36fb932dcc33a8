"""How long the API takes to import, what it weighs while nobody asks, and what it must never carry.

python -m ops.bench.api_start
"""

import subprocess
import sys
import time

import psutil

from ops.bench.rounds import MINIMUM_ROUNDS, Goal, Spread, at_most, print_goals
from ops.bench.throw_away import CODE, Installation, throw_away_installation, web_server

HEAVY = ("dagster", "great_expectations", "paddleocr", "pymupdf", "fitz")
MAXIMUM_SECONDS = 3.0
MAXIMUM_MEBIBYTES = 200.0
_SETTLE_SECONDS = 1.0
_IMPORT = f"""
import sys, time
started = time.perf_counter()
import api.main
print(time.perf_counter() - started)
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""


def main() -> int:
    """Print what was measured and the goals; the exit code is 1 when one is missed."""
    imports = [import_once() for _ in range(MINIMUM_ROUNDS)]
    carried = sorted({name for _, names in imports for name in names})
    with throw_away_installation() as installation:
        weights = Spread.of([idle_mebibytes(installation) for _ in range(MINIMUM_ROUNDS)])
    print(f"heavy modules imported: {', '.join(carried) or 'none'}")
    return print_goals(goals(Spread.of([seconds for seconds, _ in imports]), weights, carried))


def goals(seconds: Spread, mebibytes: Spread, carried: list[str]) -> list[Goal]:
    count = Spread.of([float(len(carried))])
    return [
        at_most("import at most 3 s", seconds, MAXIMUM_SECONDS),
        at_most("idle memory at most 200 MiB", mebibytes, MAXIMUM_MEBIBYTES),
        at_most(f"none of {', '.join(HEAVY)} imported", count, 0),
    ]


def import_once() -> tuple[float, list[str]]:
    """Import the API in a new process; returns the seconds it took and the heavy modules that came along."""
    answer = subprocess.run(
        [sys.executable, "-c", _IMPORT], cwd=CODE, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return float(answer[0]), answer[1].split()


def idle_mebibytes(installation: Installation) -> float:
    """Start the API and return its resident memory once it is ready, children included."""
    with web_server(installation, "api.main:app", health="/readyz") as server:
        time.sleep(_SETTLE_SECONDS)
        process = psutil.Process(server.process_id)
        family = [process, *process.children(recursive=True)]
        return sum(float(one.memory_info().rss) for one in family) / 2**20


if __name__ == "__main__":
    sys.exit(main())
