from datetime import UTC, datetime

import pytest

from ops.demo.world import DemoParameters, SimulatedDistrict, simulate, simulate_district

NOW = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)
SMALL = DemoParameters(students=120, weeks=6, seed=7, now=NOW)


@pytest.fixture(scope="session")
def districts() -> list[SimulatedDistrict]:
    return list(simulate(SMALL))


@pytest.fixture(scope="session")
def district(districts: list[SimulatedDistrict]) -> SimulatedDistrict:
    return districts[0]


@pytest.fixture(scope="session")
def big_district() -> SimulatedDistrict:
    """Enough students and weeks for statistics to settle."""
    return simulate_district(0, DemoParameters(students=600, weeks=10, seed=3, now=NOW))
