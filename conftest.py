"""Settings of all tests: no deadline for single examples, and `gpu` tests only where there is a CUDA device."""

import os

import hypothesis
import pytest

# A busy machine is no fault of the code, and a gate gives the same answer twice.
hypothesis.settings.register_profile("patient", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
