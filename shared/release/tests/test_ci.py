import pytest

from scope_release.ci import affected, affected_between, failures

ALL = ["scope-fx", "scope-gpu", "scope-release", "scope-synth"]


def names(checkout, *files: str) -> list[str]:
    return [package.name for package in affected(checkout.root, list(files)).packages]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("packages/scope-fx/src/scope_fx/x.py", ["scope-fx"]),
        ("packages/scope-fx/README.md", ["scope-fx"]),
        ("shared/gpu/src/scope_gpu/color.py", ["scope-fx", "scope-gpu", "scope-synth"]),
        ("shared/release/hatch_build.py", ["scope-fx", "scope-release", "scope-synth"]),
        ("pyproject.toml", ALL),
        ("uv.lock", ALL),
        (".github/workflows/ci.yml", ALL),
        ("packages/scope-gone/src/x.py", ALL),
        ("packages/scope-fx-more", ALL),
        ("README.md", []),
        ("tests/packaging/test_x.py", []),
    ],
)
def test_a_file_tests_its_package_and_all_that_build_on_it(checkout, file: str, expected: list[str]):
    assert names(checkout, file) == expected


@pytest.mark.parametrize(
    ("file", "spanning"),
    [("README.md", False), ("tests/x.py", True), (".github/workflows/release.yml", True), ("shared/gpu/x.py", True)],
)
def test_tests_across_packages_run_when_a_package_or_they_change(checkout, file: str, spanning: bool):
    assert affected(checkout.root, [file]).spanning is spanning


def test_a_package_that_others_need_for_their_tests_tests_these_too(checkout):
    path = "packages/scope-synth/pyproject.toml"
    checkout.write(path, checkout.read(path) + '\n[dependency-groups]\ndev = ["scope-fx>=0", {include-group = "x"}]\n')
    assert names(checkout, "packages/scope-fx/src/x.py") == ["scope-fx", "scope-synth"]


def test_only_what_a_branch_itself_changed_counts(checkout):
    fork = checkout.git("rev-parse", "HEAD")
    checkout.write("packages/scope-synth/src/x.py", "")
    base = checkout.commit("Elsewhere")
    checkout.git("checkout", "--quiet", "-b", "branch", fork)
    checkout.write("packages/scope-fx/src/x.py", "")
    head = checkout.commit("Here")
    assert [package.name for package in affected_between(checkout.root, base, head).packages] == ["scope-fx"]


def test_a_file_that_moves_counts_for_both_packages(checkout):
    base = checkout.git("rev-parse", "HEAD")
    checkout.write("packages/scope-fx/src/long.py", "x = 1\n" * 50)
    middle = checkout.commit("Add")
    checkout.git("mv", "packages/scope-fx/src/long.py", "packages/scope-synth/src/long.py")
    head = checkout.commit("Move")
    found = affected_between(checkout.root, middle, head)
    assert [package.name for package in found.packages] == ["scope-fx", "scope-synth"]
    assert base != head


@pytest.mark.parametrize("base", ["0" * 40, "no-such-branch", ""])
def test_an_unknown_base_tests_everything(checkout, base: str):
    assert [package.name for package in affected_between(checkout.root, base, "HEAD").packages] == ALL


def test_names_with_odd_letters_are_read_as_they_are(checkout):
    base = checkout.git("rev-parse", "HEAD")
    checkout.write("packages/scope-fx/src/ein schöner\tname.py", "")
    head = checkout.commit("Odd")
    assert [package.name for package in affected_between(checkout.root, base, head).packages] == ["scope-fx"]


def test_the_gate_lets_success_and_skipped_pass():
    assert failures({"test": "success", "span": "skipped"}, frozenset()) == ([], [])


@pytest.mark.parametrize("result", ["failure", "cancelled", "anything new"])
def test_the_gate_closes_on_every_other_result(result: str):
    assert failures({"a": "success", "test": result}, frozenset()) == ([f"test: {result}"], [])


def test_an_advisory_job_is_only_mentioned():
    assert failures({"newest": "failure"}, frozenset({"newest"})) == ([], ["newest: failure"])
