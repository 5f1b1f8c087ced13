"""Installing, upgrading, uninstalling, rolling back: what is current after it, and what never shows."""

import pytest

from scope.install.errors import BadRequestError, InstallError
from scope.install.listing import HOST, list_plugins


def test_a_plugin_of_the_index_is_installed(manager, workshop):
    workshop.publish(workshop.made("scope-plain"))
    done = manager.install("scope-plain")
    assert manager.versions() == {"scope-plain": "1.0.0"}
    assert manager.store.manifest.read_text() == "scope-plain\n"
    assert done.generation.plugins[0].pipelines == (("scope-plain", "scope-plain"),)


def test_two_plugins_of_one_repository_at_two_tags_live_together(manager, workshop):
    one, two = workshop.made("scope-one"), workshop.made("scope-two")
    repository, commits = workshop.repository("repo", [one, two], [workshop.made("scope-two", "1.1.0")])
    url = f"git+{repository.as_uri()}"
    manager.install(f"{url}@v1#subdirectory=packages/scope-one", f"{url}@v2#subdirectory=packages/scope-two")
    assert manager.versions() == {"scope-one": "1.0.0", "scope-two": "1.1.0"}
    assert [plugin.commit for plugin in manager.store.base().plugins] == commits


def test_a_new_line_takes_the_place_of_the_old_one(manager, workshop):
    repository, _ = workshop.repository("repo", [workshop.made("scope-one")], [workshop.made("scope-one", "2.0.0")])
    url = f"git+{repository.as_uri()}"
    manager.install(f"{url}@v1#subdirectory=packages/scope-one")
    manager.install(f"{url}@v2#subdirectory=packages/scope-one")
    assert manager.versions() == {"scope-one": "2.0.0"}
    assert manager.store.manifest.read_text() == f"{url}@v2#subdirectory=packages/scope-one\n"


def test_uninstalling_leaves_the_others_as_they_were(manager, workshop):
    for name in ("scope-left", "scope-right"):
        workshop.publish(workshop.made(name))
    manager.install("scope-left", "scope-right")
    workshop.publish(workshop.made("scope-right", "2.0.0"))
    manager.uninstall("scope-left")
    assert manager.versions() == {"scope-right": "1.0.0"}
    manager.uninstall("scope-right")
    assert manager.versions() == {}


def test_what_another_plugin_needs_stays_and_says_so(manager, workshop):
    workshop.publish(workshop.made("scope-base"))
    workshop.publish(workshop.made("scope-top", requires=["scope-base"]))
    manager.install("scope-base", "scope-top")
    done = manager.uninstall("scope-base")
    assert done.notes == ("scope-base stays installed, because another plugin needs it.",)
    entries = {entry.name: entry.source for entry in list_plugins(manager.store).entries if entry.origin != HOST}
    assert entries == {"scope-base": "comes with another plugin", "scope-top": "package index"}


def test_uninstalling_needs_no_network_while_the_rest_is_in_the_cache(manager, workshop, monkeypatch):
    for name in ("scope-left", "scope-right"):
        workshop.publish(workshop.made(name))
    manager.install("scope-left", "scope-right")
    monkeypatch.setenv("UV_OFFLINE", "1")
    manager.uninstall("scope-left")
    assert manager.versions() == {"scope-right": "1.0.0"}


def test_upgrading_moves_only_the_named_plugin(manager, workshop):
    repository, commits = workshop.repository("repo", [workshop.made("scope-branch")])
    for name in ("scope-up", "scope-stay"):
        workshop.publish(workshop.made(name))
    manager.install("scope-up", "scope-stay", f"git+{repository.as_uri()}#subdirectory=packages/scope-branch")
    for name in ("scope-up", "scope-stay"):
        workshop.publish(workshop.made(name, "2.0.0"))
    newer = workshop.release(repository, 2, [workshop.made("scope-branch", "2.0.0")])
    manager.upgrade("scope-up")
    assert manager.versions() == {"scope-branch": "1.0.0", "scope-up": "2.0.0", "scope-stay": "1.0.0"}
    manager.upgrade("scope-branch")
    assert manager.store.base().plugins[2].commit == newer != commits[0]
    assert manager.versions()["scope-stay"] == "1.0.0"


def test_names_that_are_not_installed_are_refused(manager, workshop):
    workshop.publish(workshop.made("scope-there"))
    manager.install("scope-there")
    for ask in (manager.upgrade, manager.uninstall):
        with pytest.raises(BadRequestError, match="No plugin scope-nope is installed here; there is scope-there"):
            ask("Scope_Nope")


def test_rolling_back_goes_to_the_parent_and_forward_again_by_number(manager, workshop):
    workshop.publish(workshop.made("scope-kept"))
    manager.install("scope-kept")
    workshop.publish(workshop.made("scope-more"))
    manager.install("scope-more")
    manager.rollback()
    assert manager.versions() == {"scope-kept": "1.0.0"}
    assert manager.store.manifest.read_text() == "scope-kept\n"
    manager.rollback("2")
    assert manager.versions() == {"scope-kept": "1.0.0", "scope-more": "1.0.0"}
    with pytest.raises(BadRequestError, match="Generation 2 is the current one"):
        manager.rollback("2")
    with pytest.raises(BadRequestError, match="There is no generation 9"):
        manager.rollback("9")


def test_a_plugin_that_does_not_load_is_refused_and_nothing_changes(manager, workshop):
    workshop.publish(workshop.made("scope-good"))
    manager.install("scope-good")
    before = manager.store.current()
    workshop.publish(workshop.made("scope-broken", code="import a_module_that_is_not_there"))
    with pytest.raises(InstallError, match="scope-broken could not be imported: ModuleNotFoundError"):
        manager.install("scope-broken")
    assert manager.store.current() == before
    assert manager.store.manifest.read_text() == "scope-good\n"
    assert manager.store.names() == [before]
