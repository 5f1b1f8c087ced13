import pytest

from scope_release.errors import ReleaseError
from scope_release.versions import next_version


@pytest.mark.parametrize(
    ("current", "step", "expected"),
    [
        ("0.1.9", "patch", "0.1.10"),
        ("0.1.9", "minor", "0.2.0"),
        ("0.1.9", "major", "1.0.0"),
        ("0.2.0rc1", "patch", "0.2.0"),
        ("0.1.0", "0.3.0", "0.3.0"),
        ("0.1.0", "0.2.0rc1", "0.2.0rc1"),
    ],
)
def test_a_step_or_a_version_makes_the_next_one(current: str, step: str, expected: str):
    assert next_version("scope-fx", current, step, [current]) == expected


def test_the_first_release_may_keep_the_version():
    assert next_version("scope-fx", "0.1.0", "0.1.0", []) == "0.1.0"


def test_a_released_version_is_refused():
    with pytest.raises(ReleaseError, match=r"scope-fx: 0\.1\.0 is released already; the tag scope-fx-v0\.1\.0 exists"):
        next_version("scope-fx", "0.1.0", "0.1.0", ["0.1.0"])


@pytest.mark.parametrize(("step", "released"), [("0.0.9", []), ("patch", ["0.3.0"]), ("0.2.0rc1", ["0.2.0"])])
def test_a_version_that_goes_backwards_is_refused(step: str, released: list[str]):
    with pytest.raises(ReleaseError, match=r"goes backwards, as .* is there already"):
        next_version("scope-fx", "0.1.0", step, released)


@pytest.mark.parametrize("step", ["huge", "0.2", "v0.2.0", "0.2.0+local", ""])
def test_what_is_no_step_and_no_version_is_refused(step: str):
    with pytest.raises(ReleaseError, match="is neither major, minor, patch nor a version such as"):
        next_version("scope-fx", "0.1.0", step, [])
