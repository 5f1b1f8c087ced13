"""Settings of all tests: no deadlines, one thread a process, files kept together, `gpu` tests only with a CUDA device."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

# A busy machine is no fault of the code, and a gate gives the same answer twice.
hypothesis.settings.register_profile("patient", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("patient")

# Pictures are small here, and threads that wait for each other cost more; torch reads this when it is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Folders whose tests share what takes long to make or to import; elsewhere it is a file.
TOGETHER = ("tests/packaging", "packages/scope-wan-vace/tests", "shared/host/tests/page")

# What takes longest comes first, so that no worker is left with it at the end.
FIRST = (
    "tests/",
    "shared/host/tests/page/",
    "shared/host/tests/batch/",
    "shared/host/tests/install/test_kill.py",
    "packages/",
    "shared/testkit/",
    "shared/release/",
)


@pytest.fixture(autouse=True, scope="session")
def _no_plugins_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests see no plugin that is installed on this machine, and install none there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAYDREAM_SCOPE_PLUGINS_DIR", str(tmp_path_factory.mktemp("plugins")))
        yield


@pytest.fixture(autouse=True)
def _import_path_stays() -> Iterator[None]:
    """A folder that a test puts on the path would bring its distributions to every test after it."""
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, since many tests wait for processes of their own."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker whole files. (The marker `xdist_group` has no effect with pytest 9 and pytest-xdist 3.8.)"""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return next((folder for folder in TOGETHER if path.startswith(folder)), path)

    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: next((rank for rank, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST))
    )
    _skip_without_gpu(items)


def _skip_without_gpu(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
