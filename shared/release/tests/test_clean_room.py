import sys
from pathlib import Path

import pytest

from scope_release.checkout import ReleaseError, find
from scope_release.clean_room import copy_tests, run_tests


@pytest.fixture(autouse=True)
def _no_plugins_of_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that are run inside a test need none, and importing them takes two seconds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def copied(checkout, tmp_path: Path, name: str, folder: str, test: str) -> Path:
    checkout.write(f"{folder}/tests/test_it.py", test)
    return copy_tests(checkout.root, find(checkout.root, name), tmp_path / "scratch")


def test_tests_of_a_plugin_use_the_copy_inside_its_wheel(checkout, tmp_path: Path):
    tests = copied(checkout, tmp_path, "scope-fx", "packages/scope-fx", "from scope_gpu import color\n")
    assert (tests / "test_it.py").read_text() == "from scope_fx._vendor.scope_gpu import color\n"
    assert not (tests.parent / "src").exists()
    assert (tests.parent / "README.md").is_file()


def test_tests_of_the_library_itself_stay_as_they_are(checkout, tmp_path: Path):
    tests = copied(checkout, tmp_path, "scope-gpu", "shared/gpu", "from scope_gpu import color\n")
    assert (tests / "test_it.py").read_text() == "from scope_gpu import color\n"


@pytest.mark.parametrize(("test", "status"), [("def test_it(): pass\n", 0), ("def test_it(): assert False\n", 1)])
def test_the_exit_status_says_whether_the_tests_passed(checkout, tmp_path: Path, test: str, status: int):
    tests = copied(checkout, tmp_path, "scope-fx", "packages/scope-fx", test)
    assert run_tests(Path(sys.executable), tests, ["-q"]) == status


def test_tests_that_never_end_are_stopped_with_a_sentence(checkout, tmp_path: Path):
    tests = copied(checkout, tmp_path, "scope-fx", "packages/scope-fx", "import time\ntime.sleep(60)\n")
    with pytest.raises(ReleaseError, match=r"^scope-fx: its tests did not end within 2 seconds\.$"):
        run_tests(Path(sys.executable), tests, ["-q"], seconds=2)
