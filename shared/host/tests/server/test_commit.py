"""The commit in /health is that of the installed host."""

import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from scope.server.commit import UNKNOWN, commit_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a distribution from what `direct_url.json` says."""

    def install(direct_url: str) -> str:
        info = tmp_path / "site" / "scope_thing-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scope-thing\nVersion: 1.0\n")
        (info / "direct_url.json").write_text(direct_url)
        monkeypatch.syspath_prepend(str(info.parent))
        assert metadata.version("scope-thing") == "1.0"
        return "scope-thing"

    return install


def test_of_a_git_install(installed):
    name = installed(f'{{"url": "https://git.example/x", "vcs_info": {{"vcs": "git", "commit_id": "{COMMIT}"}}}}')
    assert commit_of(name) == COMMIT


def test_of_a_working_tree(installed):
    here = Path(__file__).parent
    name = installed(f'{{"url": "{here.as_uri()}", "dir_info": {{"editable": true}}}}')
    told = subprocess.run(["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True)
    assert commit_of(name) == (told.stdout.strip() or UNKNOWN)


@pytest.mark.parametrize("direct_url", ["", "{}", '{"url": "file:///nowhere", "dir_info": {"editable": true}}'])
def test_unknown_elsewhere(installed, direct_url):
    assert commit_of(installed(direct_url)) == UNKNOWN


def test_of_nothing_installed():
    assert commit_of("no-such-distribution") == UNKNOWN
