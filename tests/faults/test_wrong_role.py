"""The API started as a role that could walk through the walls ends at once."""

from pathlib import Path

import pytest

from core.config import Settings
from core.keys import KeyRing
from tests.faults.server import ApiProcess
from tests.fixtures.schema import MigratedDatabase

pytestmark = pytest.mark.fault


def test_the_api_does_not_start_as_a_superuser(
    settings: Settings, keys: KeyRing, migrated: MigratedDatabase, tmp_path: Path
) -> None:
    log = tmp_path / "api.log"
    process = ApiProcess(settings.model_copy(update={"database_url": migrated.admin_url}), log)
    process.start()
    try:
        assert process.wait_until_it_ends() != 0
    finally:
        process.kill()
    assert "use app_rw" in log.read_text()
