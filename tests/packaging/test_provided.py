"""One list says what hosts provide; the workspace and the embedded host must agree with it."""

import tomllib

from packaging.requirements import Requirement

from scope_release.checkout import load
from scope_release.rules import PROVIDED


def names(requirements: list[str]) -> set[str]:
    return {Requirement(text).name for text in requirements}


def test_the_workspace_holds_exactly_what_hosts_provide_at_the_versions_of_the_original_host(snapshot):
    root = tomllib.loads((snapshot.root / "pyproject.toml").read_text(encoding="utf-8"))
    assert names(root["tool"]["uv"]["constraint-dependencies"]) == PROVIDED


def test_the_embedded_host_provides_all_of_it(snapshot):
    assert names(load(snapshot.root / "shared/host").project["dependencies"]) >= PROVIDED
