import pytest

from scope_release.checkout import ReleaseError, find, find_root, load, workspace
from scope_release.rules import check_package, check_plugin_source

FX = "packages/scope-fx"
PYPROJECT = f"{FX}/pyproject.toml"


def problems(checkout) -> str:
    with pytest.raises(ReleaseError) as caught:
        check_package(load(checkout.root / FX))
    return str(caught.value)


def test_the_small_workspace_keeps_every_rule(checkout):
    for name in ("scope-fx", "scope-synth", "scope-gpu"):
        check_package(find(checkout.root, name))


def test_a_second_entry_point_is_refused(checkout):
    checkout.replace(PYPROJECT, 'scope_fx = "scope_fx"', 'scope_fx = "scope_fx"\nmore = "scope_fx.more"')
    assert "exactly one entry point in the group 'scope' is allowed, but there are 2 (scope_fx, more)" in problems(
        checkout
    )


def test_no_entry_point_is_refused(checkout):
    checkout.replace(PYPROJECT, 'scope_fx = "scope_fx"', "")
    assert "there are 0 (none)" in problems(checkout)


def test_another_group_of_entry_points_does_not_count(checkout):
    checkout.replace(PYPROJECT, "[build-system]", '[project.entry-points."other"]\na = "scope_fx"\n\n[build-system]')
    check_package(load(checkout.root / FX))


def test_an_entry_point_into_another_package_is_refused(checkout):
    checkout.replace(PYPROJECT, '= "scope_fx"', '= "scope_synth"')
    assert "the entry point 'scope' names 'scope_synth', which is not in scope_fx" in problems(checkout)


def test_a_name_that_differs_from_the_folder_is_refused(checkout):
    checkout.replace(PYPROJECT, 'name = "scope-fx"', 'name = "scope-effects"')
    assert problems(checkout).startswith("scope-fx: project.name is 'scope-effects'")


def test_the_folder_of_an_unpacked_source_distribution_may_have_any_name(checkout):
    checkout.replace(PYPROJECT, 'name = "scope-fx"', 'name = "scope-effects"')
    checkout.write(f"{FX}/PKG-INFO", "Name: scope-effects\n")
    check_plugin_source(load(checkout.root / FX))


@pytest.mark.parametrize(
    ("requirement", "why"),
    [
        ("torch>=2", "is provided by every host"),
        ("Huggingface_Hub", "is provided by every host"),
        ("scope-host", "is a host itself and would overwrite"),
        ("scope-gpu @ git+https://example.org/x.git", "is a part of this repository"),
        ("=1", "cannot be read as a requirement"),
    ],
)
def test_a_dependency_that_would_harm_a_host_is_refused(checkout, requirement: str, why: str):
    checkout.replace(PYPROJECT, "[project]\n", f'[project]\ndependencies = ["{requirement}"]\n')
    assert f"scope-fx: the dependency {requirement!r} {why}" in problems(checkout)


def test_a_dependency_of_its_own_is_allowed(checkout):
    checkout.replace(PYPROJECT, "[project]\n", '[project]\ndependencies = ["kornia>=0.8"]\n')
    check_package(load(checkout.root / FX))


@pytest.mark.parametrize("file", ["README.md", "CHANGELOG.md", "LICENSE"])
def test_a_missing_text_is_refused(checkout, file: str):
    (checkout.root / FX / file).unlink()
    assert f"scope-fx: {file} is missing or empty" in problems(checkout)


def test_missing_type_information_is_refused(checkout):
    (checkout.root / FX / "src/scope_fx/py.typed").unlink()
    assert "scope_fx/py.typed is missing" in problems(checkout)


def test_a_readme_that_is_no_description_is_refused(checkout):
    checkout.replace(PYPROJECT, 'readme = "README.md"\n', "")
    assert 'project.readme must be "README.md", but is None' in problems(checkout)


@pytest.mark.parametrize("version", ["one", "0.2", "v0.2.0", "0.02.0"])
def test_only_a_plain_version_is_accepted(checkout, version: str):
    checkout.replace(PYPROJECT, 'version = "0.1.0"', f'version = "{version}"')
    assert f"project.version must be a plain version such as 0.2.0, but is '{version}'" in problems(checkout)


def test_a_version_in_code_that_lags_behind_is_refused(checkout):
    checkout.replace("shared/gpu/pyproject.toml", '"0.1.0"', '"0.2.0"')
    with pytest.raises(ReleaseError, match=r"__version__ in scope_gpu/__init__\.py is '0\.1\.0'"):
        check_package(find(checkout.root, "scope-gpu"))


def test_several_problems_are_told_at_once(checkout):
    (checkout.root / FX / "LICENSE").unlink()
    checkout.replace(PYPROJECT, 'scope_fx = "scope_fx"', "")
    assert len(problems(checkout).splitlines()) == 2


def test_a_pyproject_that_is_not_toml_is_named(checkout):
    checkout.write(PYPROJECT, "[project")
    with pytest.raises(ReleaseError, match=r"scope-fx: .* is not valid TOML"):
        workspace(checkout.root)


def test_an_unknown_package_lists_the_known_ones(checkout):
    with pytest.raises(ReleaseError, match="No package is called 'scope-foo'; there are scope-fx, scope-gpu"):
        find(checkout.root, "scope-foo")


def test_the_checkout_is_found_from_any_folder_inside(checkout, tmp_path):
    assert find_root(checkout.root / FX / "src") == checkout.root
    with pytest.raises(ReleaseError, match="is not inside a checkout"):
        find_root(tmp_path)
