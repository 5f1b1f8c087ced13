"""Where plugins come from: each kind of place, and what later changes of it mean."""

import time

import pytest

from scope.install.change import Done
from scope.install.errors import InstallError
from scope.install.listing import list_plugins
from scope.install.resolve import NeedsBuildError
from scope.install.updates import KEPT_S, known, updates


def test_a_folder_is_installed_as_it_is_now(manager, workshop):
    project = workshop.project(workshop.made("scope-folder"))
    manager.install(project)
    assert manager.store.manifest.read_text() == f"{project}\n"
    source = project / "src" / "scope_folder" / "__init__.py"
    source.write_text(source.read_text().replace('pipeline_name = "', 'pipeline_name = "New '))
    manager.install(project)
    assert manager.store.base().plugins[0].pipelines == (("scope-folder", "New scope-folder"),)


def test_an_editable_folder_follows_its_source(manager, workshop):
    project = workshop.project(workshop.made("scope-own"))
    manager.install(f"-e {project}")
    plugin = manager.store.base().plugins[0]
    assert (plugin.version, plugin.editable, plugin.line) == ("1.0.0", True, f"-e {project}")
    assert not (manager.store.site(manager.store.current()) / "scope_own").exists()


def test_a_wheel_and_the_url_of_one(manager, workshop):
    manager.install(workshop.wheel(workshop.made("scope-wheel")))
    wheel = workshop.wheel(workshop.made("scope-url"), workshop.index)
    manager.install(f"{workshop.address}/{wheel.name}")
    assert manager.versions() == {"scope-url": "1.0.0", "scope-wheel": "1.0.0"}


@pytest.mark.gate
def test_a_pre_release_comes_only_when_it_is_allowed_and_then_stays(manager, workshop):
    for version in ("1.0.0", "2.0.0a1"):
        workshop.publish(workshop.made("scope-pre", version))
    workshop.publish(workshop.made("scope-other"))
    manager.install("scope-pre")
    assert manager.versions() == {"scope-pre": "1.0.0"}
    manager.uninstall("scope-pre")
    manager.install("scope-pre", pre=True)
    manager.install("scope-other")
    manager.upgrade("scope-pre")
    assert manager.versions() == {"scope-other": "1.0.0", "scope-pre": "2.0.0a1"}


def test_an_extra_of_what_the_host_has_brings_only_what_is_new(manager, workshop):
    workshop.publish(workshop.made("httptools", "9.0.0", entry_point=False))
    workshop.publish(workshop.made("scope-extra", requires=["pydantic[email]"]))
    workshop.publish(workshop.made("email-validator", "9.0.0", entry_point=False))
    manager.install("scope-extra")
    site = manager.store.site(manager.store.current())
    found = sorted(path.name for path in site.glob("*.dist-info"))
    assert found == ["email_validator-9.0.0.dist-info", "scope_extra-1.0.0.dist-info"]


@pytest.mark.gate
def test_the_address_of_a_page_of_a_repository(manager, workshop):
    releases = [[workshop.made("scope-page", version)] for version in ("1.0.0", "2.0.0")]
    repository, commits = workshop.repository("repo", *releases)
    address = workshop.serve(repository, "repo.git")
    manager.install(f"{address}/tree/v1/packages/scope-page")
    assert manager.versions() == {"scope-page": "1.0.0"}
    assert manager.store.base().plugins[0].commit == commits[0]
    manager.install(f"{address}/tree/main/packages/scope-page")
    assert manager.versions() == {"scope-page": "2.0.0"}
    assert manager.store.manifest.read_text() == f"git+{address}#subdirectory=packages/scope-page\n"


def test_updates_are_offered_for_repositories_and_indexes_and_change_nothing(manager, workshop):
    repository, _ = workshop.repository("repo", [workshop.made("scope-git")])
    workshop.publish(workshop.made("scope-index"))
    folder = workshop.project(workshop.made("scope-folder"))
    manager.install("scope-index", f"git+{repository.as_uri()}#subdirectory=packages/scope-git", folder)
    log = manager.store.logs / "updates.txt"
    assert updates(manager.store, manager.watch, log) == {}
    newer = workshop.release(repository, 2, [workshop.made("scope-git", "2.0.0")])
    workshop.publish(workshop.made("scope-index", "1.1.0"))
    workshop.project(workshop.made("scope-folder", "3.0.0"))
    found = updates(manager.store, manager.watch, log)
    assert {name: pin.version for name, pin in found.items()} == {"scope-git": "2.0.0", "scope-index": "1.1.0"}
    assert found["scope-git"].commit == newer
    assert known(manager.store) == {"scope-git": "2.0.0", "scope-index": "1.1.0"}
    assert known(manager.store, time.time() + KEPT_S) is None
    assert manager.versions() == {"scope-folder": "1.0.0", "scope-git": "1.0.0", "scope-index": "1.0.0"}
    # To ask again by a spec means what is there now; what is not named stays.
    manager.install(f"git+{repository.as_uri()}#subdirectory=packages/scope-git")
    assert manager.versions() == {"scope-folder": "3.0.0", "scope-git": "2.0.0", "scope-index": "1.0.0"}
    assert known(manager.store) is None


def test_a_version_that_only_a_build_can_tell_is_asked_for_with_consent(manager, workshop):
    repository, _ = workshop.repository("repo", [workshop.made("scope-git")])
    manager.install(f"git+{repository.as_uri()}#subdirectory=packages/scope-git")
    workshop.release(repository, 2, [workshop.made("scope-git", "2.0.0")], dynamic=True)
    log = manager.store.logs / "updates.txt"
    with pytest.raises(NeedsBuildError, match="scope-git runs its build script"):
        updates(manager.store, manager.watch, log)
    assert known(manager.store) is None
    assert list(updates(manager.store, manager.watch, log, allow_build=True)) == ["scope-git"]


def test_hand_edits_are_applied_and_damaged_or_doubled_lines_named(manager, workshop):
    for name in ("scope-one", "scope-two"):
        workshop.publish(workshop.made(name))
    workshop.publish(workshop.made("scope-one", "2.0.0"))
    manager.store.manifest.parent.mkdir(exist_ok=True)
    manager.store.manifest.write_text("scope-one==1.0.0\n# mine\nscope-one\nscope-two ==== 1\nscope-two\nscope-fx\n")
    done = manager.reconcile()
    assert manager.versions() == {"scope-one": "2.0.0", "scope-two": "1.0.0"}
    damaged, doubled, provided = done.notes
    assert damaged.startswith('plugins.txt, line 4: "scope-two ==== 1" is no requirement')
    assert doubled == "plugins.txt, lines 1 and 3 both name scope-one; line 3 counts."
    assert provided.startswith("plugins.txt, line 6: scope-fx is part of the host's environment (editable, from /")
    assert manager.reconcile() == Done(manager.store.base(), changed=False, notes=done.notes)
    manager.uninstall("scope-two")
    assert manager.store.manifest.read_text() == "scope-one==1.0.0\n# mine\nscope-one\nscope-two ==== 1\nscope-fx\n"


def test_uninstalling_asks_before_a_hand_edit_brings_something(command, workshop):
    for name in ("scope-one", "scope-two"):
        workshop.publish(workshop.made(name))
    command.run("install", "scope-one", "--yes")
    (command.plugins / "plugins.txt").write_text("scope-one\nscope-two\n")
    refused = command.run("uninstall", "Scope_One")
    assert (refused.returncode, "Nobody is here to agree" in refused.stderr) == (2, True)
    assert "scope-two 1.0.0, from package index\n" in refused.stdout


def test_what_is_installed_is_listed_with_its_source(manager, workshop):
    repository, commits = workshop.repository("repo", [workshop.made("scope-git")])
    manager.install(f"git+{repository.as_uri()}@v1#subdirectory=packages/scope-git")
    listing = list_plugins(manager.store)
    entries = {entry.name: entry for entry in listing.entries}
    assert (entries["scope-git"].origin, entries["scope-git"].commit) == ("git", commits[0])
    assert entries["scope-fx"].origin == "host"
    assert entries["scope-fx"].editable.endswith("packages/scope-fx")
    manager.store.manifest.write_text("scope-nope\n")
    again = list_plugins(manager.store)
    assert again.not_installed == ("scope-nope",)
    assert again.not_wanted == (f"git+{repository.as_uri()}@v1#subdirectory=packages/scope-git",)


def test_what_is_installed_already_makes_no_generation_unless_it_is_damaged(manager, workshop):
    for name in ("scope-same", "scope-other"):
        workshop.publish(workshop.made(name))
    manager.install("scope-same", "scope-other")
    before, text = manager.store.current(), manager.store.manifest.read_text()
    again = manager.install("scope-same")
    assert (again.changed, again.notes) == (False, ("scope-same 1.0.0 is installed already, as it was asked for.",))
    assert (manager.store.current(), manager.store.manifest.read_text()) == (before, text)
    module = manager.store.site(before) / "scope_same" / "__init__.py"
    module.write_text("# damaged")
    assert manager.install("scope-same").changed
    workshop.publish(workshop.made("scope-same", "2.0.0"))
    assert manager.install("scope-same").changed
    assert manager.versions() == {"scope-same": "2.0.0", "scope-other": "1.0.0"}


def test_lines_are_listed_without_their_secrets(manager, workshop):
    wheel = workshop.wheel(workshop.made("scope-web"), workshop.index).name
    manager.install(f"{workshop.address}/{wheel}?token=hunter2")
    secret = "git+https://me:hunter2@host/repo.git"
    manager.store.manifest.write_text(f"{secret}\n")
    listing = list_plugins(manager.store)
    assert next(entry.line for entry in listing.entries if entry.name == "scope-web") == f"{workshop.address}/{wheel}"
    assert listing.not_installed == ("git+https://***@host/repo.git",)
    assert listing.not_wanted == (f"{workshop.address}/{wheel}",)
    with pytest.raises(InstallError) as caught:
        manager.install(f"scope-x @@ {secret}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.gate
def test_a_write_into_one_generation_reaches_no_other_and_not_the_cache(manager, workshop):
    workshop.publish(workshop.made("scope-kept"))
    manager.install("scope-kept")
    first = manager.store.site(manager.store.current()) / "scope_kept" / "__init__.py"
    intact = first.read_text()
    workshop.publish(workshop.made("scope-more"))
    manager.install("scope-more")
    second = manager.store.site(manager.store.current()) / "scope_kept" / "__init__.py"
    with second.open("r+") as file:
        file.write("#")
    assert first.read_text() == intact
    manager.install("scope-kept")
    assert (manager.store.site(manager.store.current()) / "scope_kept" / "__init__.py").read_text() == intact


@pytest.mark.gate
@pytest.mark.parametrize(
    ("backend", "build", "editable"),
    [
        ("hatchling", '"hatchling.build"\n[tool.hatch.build.targets.wheel]\npackages = ["src/scope_real"]\n', False),
        ("setuptools", '"setuptools.build_meta"\n', True),
    ],
)
def test_projects_of_real_build_backends(manager, workshop, backend, build, editable):
    project = workshop.project(workshop.made("scope-real"))
    head = (project / "pyproject.toml").read_text().partition("[build-system]")[0]
    text = f'{head}[build-system]\nrequires = ["{backend}"]\nbuild-backend = {build}'
    (project / "pyproject.toml").write_text(text)
    workshop.publish_installed(backend)
    manager.install(f"-e {project}" if editable else project)
    assert manager.store.base().plugins[0].pipelines == (("scope-real", "scope-real"),)
