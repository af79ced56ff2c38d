"""What all tests share: where the reference data lie, if they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with reference data and oracles, which only the project's own machines have beside the clone."""
    folder = ROOT.parent / "shared"
    if not (folder / "oracles").is_dir():
        pytest.skip("the reference data (../shared beside the clone) are not here; CI has them")
    return folder


def pytest_make_parametrize_id(config: pytest.Config, val: object) -> str | None:
    """Bytes do not name a test: those of an archive hold the time it was made, another one on every worker."""
    del config
    return "bytes" if isinstance(val, bytes) else None
