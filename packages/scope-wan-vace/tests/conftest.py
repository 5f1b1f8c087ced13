"""A models directory with every artifact, tiny, in the real formats and under the real names."""

from pathlib import Path

import pytest

from scope_wan_vace.tiny import write_models


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """Read-only: tests that damage a file copy it first."""
    return write_models(tmp_path_factory.mktemp("models"))
