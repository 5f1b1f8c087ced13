"""Every way in which an installation fails: one sentence, an exit code, and everything as it was before."""

import subprocess
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scope.install import uv
from scope.install.errors import BadRequestError, InstallError
from scope.install.explain import os_sentence, sentence
from scope.install.host import facts
from scope.install.resolve import NeedsBuildError


@dataclass
class Trial:
    """Publishes what a case needs, and asks for it."""

    workshop: Any
    manager: Any
    folder: Path

    def publish(self, name: str, version: str = "1.0.0", **details: Any) -> str:
        self.workshop.publish(self.workshop.made(name, version, **details))
        return name

    def project(self, name: str, **options: Any) -> Path:
        return self.workshop.project(self.workshop.made(name), **options)

    def refused(self, *specs: object, **options: Any) -> str:
        """The sentence; nothing may have changed, and nothing of the try may be left."""
        store = self.manager.store
        before = store.current(), store.manifest.read_bytes() if store.manifest.exists() else b"", store.names()
        with pytest.raises(InstallError) as caught:
            self.manager.install(*specs, **options)
        assert before == (
            store.current(),
            store.manifest.read_bytes() if store.manifest.exists() else b"",
            store.names(),
        )
        return str(caught.value)


@pytest.fixture
def trial(workshop, manager, tmp_path):
    return Trial(workshop, manager, tmp_path)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    return facts(tmp_path_factory.mktemp("none")).distributions


def test_a_version_that_the_host_does_not_have(trial, host):
    name = trial.publish("scope-old", requires=["numpy<2"])
    assert trial.refused(name) == (
        f"scope-old needs numpy<2, but this host has numpy {host['numpy'].version}. Ask its author for a version that "
        "allows it."
    )
    name = trial.publish("scope-torch", requires=["torch==2.8.0"])
    assert f"scope-torch needs torch==2.8.0, but this host has torch {host['torch'].version}." in trial.refused(name)


def test_two_plugins_that_want_different_versions(trial):
    for version in ("1.0.0", "1.2.0"):
        trial.publish("tool", version, entry_point=False)
    one = trial.publish("scope-one", requires=["tool==1.0.0"])
    trial.manager.install(one)
    two = trial.publish("scope-two", requires=["tool>=1.1"])
    message = trial.refused(two)
    assert "scope-one needs tool==1.0.0" in message
    assert "scope-two needs tool>=1.1" in message
    assert message.endswith(": they cannot be installed together.")


def test_a_plugin_that_lists_the_original_host(trial):
    name = trial.publish("scope-lists", requires=["daydream-scope"])
    assert trial.refused(name) == (
        "scope-lists lists daydream-scope as a dependency; a plugin must not (a host provides itself)."
    )


def test_a_plugin_that_lists_this_host_gets_it(trial):
    trial.manager.install(trial.publish("scope-lists", requires=["scope-host", "torch", "numpy", "pillow>=10"]))
    site = trial.manager.store.site(trial.manager.store.current())
    assert sorted(path.name for path in site.glob("*.dist-info")) == ["scope_lists-1.0.0.dist-info"]


def test_a_plugin_that_brings_its_own_copy_of_a_host_package(trial, host):
    url = f"{trial.workshop.address}/numpy-9.0.0-py3-none-any.whl"
    name = trial.publish("scope-brings", requires=[f"numpy @ {url}"])
    provided = host["numpy"].version
    assert (
        trial.refused(name)
        == f"scope-brings 1.0.0 brings its own numpy ({url}), which the host provides as {provided}."
    )


def test_names_that_nobody_has(trial):
    assert trial.refused("scope-nope") == "No package is called scope-nope on the package index."
    name = trial.publish("scope-needs", requires=["nope-tool"])
    message = "No package is called nope-tool on the package index; scope-needs depends on it."
    assert trial.refused(name) == message
    trial.publish("tool", entry_point=False)
    name = trial.publish("scope-ahead", requires=["tool>=2"])
    assert trial.refused(name) == "scope-ahead needs tool>=2; the package index has only tool==1.0.0."
    assert trial.refused("scope-needs==9") == "There is no scope-needs==9 on the package index."
    assert trial.refused("scope-needs>8") == "There is no scope-needs>8 on the package index, only scope-needs==1.0.0."
    assert "is not meant for this Python or this system" in trial.refused("scope-needs; python_version < '3'")


def test_what_the_host_is_made_of_is_no_plugin(trial, host):
    assert (
        trial.refused("numpy")
        == f"numpy is part of the host, as {host['numpy'].version}; it cannot be installed as a plugin."
    )
    with pytest.raises(
        BadRequestError, match=r"scope-fx is part of the host's environment \(editable, from /.*scope-fx\)"
    ):
        trial.manager.install("scope-fx")


def test_refs_folders_and_repositories_that_are_not_there(trial):
    releases = [[trial.workshop.made("scope-there", version)] for version in ("1.0.0", "2.0.0")]
    repository, _ = trial.workshop.repository("repo", *releases)
    url = repository.as_uri()
    assert trial.refused(f"git+{url}@v9#subdirectory=packages/scope-there") == (
        f'{url} has no branch, tag or commit "v9". It has v2, v1.'
    )
    assert trial.refused(f"git+{url}#subdirectory=packages/nope") == f"{url} has no folder packages/nope."
    assert trial.refused(f"git+{url}", allow_build=True) == (
        "The repository is no Python project: it has neither a pyproject.toml nor a setup.py. If the plugin is in a folder "
        "of it, give the address of that folder's page, or add #subdirectory=FOLDER."
    )
    gone = f"{trial.folder.as_uri()}/gone.git"
    assert trial.refused(f"git+{gone}") == f"There is no Git repository at {gone}, or it wants a login."


class Locked(BaseHTTPRequestHandler):
    """Asks everybody for a login."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name that the base class gives
        pass


@pytest.mark.gate
def test_a_repository_that_wants_a_login(trial):
    with ThreadingHTTPServer(("127.0.0.1", 0), Locked) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/u/r.git"
        expected = f"{url} wants a login that git does not have; sign in with git once, then try again."
        try:
            assert trial.refused(f"git+{url}") == expected
            assert trial.refused(f"{url}/tree/main/packages") == expected
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.gate
def test_places_that_cannot_be_reached(trial):
    no_answer = "could not be reached (no network, or it did not answer in 30 s)."
    assert trial.refused("git+http://127.0.0.1:1/r.git") == f"127.0.0.1:1 {no_answer}"
    assert trial.refused("https://nowhere.invalid/scope_x-1.0-py3-none-any.whl") == f"nowhere.invalid {no_answer}"


def test_an_index_that_cannot_be_asked(trial, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    assert trial.refused("scope-x") == "127.0.0.1:1 could not be reached (no network, or it did not answer in 30 s)."
    monkeypatch.setenv("UV_OFFLINE", "1")
    assert trial.refused("scope-x") == "scope-x is not in uv's cache, and the network is switched off (UV_OFFLINE)."


def test_downloads_that_are_missing_or_damaged(trial):
    url = f"{trial.workshop.address}/scope_x-1.0-py3-none-any.whl"
    assert trial.refused(url) == f"{url} was not found (404)."
    (trial.workshop.index / "scope_x-1.0-py3-none-any.whl").write_bytes(b"PK and no more")
    assert trial.refused(url) == "scope_x-1.0-py3-none-any.whl is damaged: not a complete wheel."
    local = trial.folder / "scope_y-1.0-py3-none-any.whl"
    local.write_bytes(b"PK and no more")
    assert trial.refused(local) == "scope_y-1.0-py3-none-any.whl is damaged: not a complete wheel."
    assert trial.refused(trial.folder / "gone.whl") == f"The file {trial.folder}/gone.whl is not there."
    assert trial.refused(f"{trial.folder}/gone") == f"The folder {trial.folder}/gone is not there."


def test_wheels_for_another_system(trial):
    made = trial.workshop.made("scope-win")
    wheel = trial.workshop.wheel(made, tag="cp312-cp312-win_amd64")
    message = trial.refused(wheel)
    assert message.startswith(f"{wheel.name} is for Windows (win_amd64); this is ")
    trial.workshop.publish(made, tag="cp312-cp312-win_amd64")
    assert trial.refused("scope-win") == "scope-win 1.0.0 is for win_amd64 only, which this is not."


def test_a_wheel_that_reaches_out_of_its_folder(trial):
    wheel = trial.workshop.wheel(trial.workshop.made("scope-evil", extra_files={"../../evil.txt": "evil"}))
    assert trial.refused(wheel) == f'{wheel.name} holds paths outside its folder ("../../evil.txt") and was refused.'


@pytest.mark.parametrize("columns", ["30", "200"])
def test_builds_that_fail(trial, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    project = trial.project("scope-fails")
    (project / "backend.py").write_text("raise RuntimeError('the shader compiler is missing.')\n")
    assert trial.refused(project) == "scope-fails could not be built: RuntimeError: the shader compiler is missing."


@pytest.mark.gate
def test_requirements_that_only_a_build_tells_are_asked_for_first(trial):
    project = trial.project("scope-dynamic", dynamic=True)
    with pytest.raises(NeedsBuildError, match=r"Reading the requirements of .*scope-dynamic runs its build script"):
        trial.manager.install(project)
    trial.manager.install(project, allow_build=True)
    assert trial.manager.versions() == {"scope-dynamic": "1.0.0"}


def test_a_package_that_is_no_plugin(trial):
    name = trial.publish("tool", entry_point=False)
    assert trial.refused(name) == "tool has no entry point in the group 'scope', so it is no Scope plugin."


def test_a_python_that_is_too_new_for_this_host(trial):
    project = trial.project("scope-new")
    text = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(text.replace("[project]\n", "[project]\nrequires-python = '>=3.99'\n"))
    assert trial.refused(project) == "scope-new 1.0.0 needs Python >=3.99, which this is not."


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("failed to write (os error 28)", "The disk is full at /plugins; make room there, then try again."),
        (
            "Read-only file system (os error 30)",
            "/plugins cannot be written: it is read-only, or belongs to somebody else.",
        ),
        ("something new\n  cause: that nobody has seen", "that nobody has seen"),
        ("", "uv gave up without a word."),
    ],
)
def test_the_systems_refusals_and_unknown_words(words, expected, tmp_path):
    assert sentence(words, facts(tmp_path), "/plugins") == expected


def test_an_unknown_error_of_the_system_is_named():
    assert os_sentence(5, "/plugins") == "/plugins cannot be used: input/output error."


def test_uv_is_named_where_it_is_missing(trial, monkeypatch):
    def missing() -> str:
        raise FileNotFoundError("uv")

    monkeypatch.setattr(uv, "find_uv_bin", missing)
    assert "uv, which installs plugins, is missing from the host's environment" in trial.refused("git+file:///r")


def test_git_is_named_where_it_is_missing(trial, monkeypatch):
    monkeypatch.setenv("PATH", str(trial.folder))
    assert "git is not installed" in trial.refused("https://host/u/r/tree/main")


def test_nothing_of_a_refused_change_is_left_running(trial):
    name = trial.publish("scope-gone", code="import a_module_that_is_not_there")
    trial.refused(name)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(trial.folder) not in listed
