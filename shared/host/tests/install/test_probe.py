"""Candidates are tried before they become current; only what a change itself breaks speaks against it."""

import json
import re
import subprocess
import zipfile

import pytest

from scope.install.errors import InstallError


def refused(manager, *specs, limit=None):
    before = manager.store.current()
    if limit is not None:
        manager.limit = limit
    with pytest.raises(InstallError) as caught:
        manager.install(*specs)
    assert manager.store.current() == before
    return str(caught.value)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os\nos._exit(3)", r"scope-bad ended the process while it was loaded \(exit code 3\)\."),
        ("import os\nos.abort()", r"scope-bad crashed while it was loaded \(SIGABRT\)\."),
        ("raise SystemExit(3)", r"scope-bad could not be imported: SystemExit: 3 .*"),
        (
            "from scope.core import hookimpl\n@hookimpl\ndef register_pipelines(register): 1 / 0",
            r".*ZeroDivisionError.*",
        ),
        (
            "from scope.core import hookimpl\n@hookimpl\ndef register_pipelines(register): ...",
            r".*registered no pipeline.*",
        ),
    ],
)
def test_a_plugin_that_fails_while_it_is_loaded_is_refused(manager, workshop, code, expected):
    workshop.publish(workshop.made("scope-bad", code=code))
    assert re.fullmatch(expected, refused(manager, "scope-bad"))


@pytest.mark.gate
def test_a_plugin_that_never_finishes_loading_is_refused_with_the_place(manager, workshop):
    workshop.publish(workshop.made("scope-slow", code="import threading\n\nthreading.Event().wait()"))
    message = refused(manager, "scope-slow", limit=2.0)
    assert message == "scope-slow did not finish loading in 2 s; it was at scope_slow/__init__.py:3."


def test_the_process_that_tries_plugins_ends_with_its_installer(workshop, bare_python, tmp_path):
    made = workshop.made("scope-slow", code="import threading\n\nthreading.Event().wait()")
    zipfile.ZipFile(workshop.wheel(made)).extractall(tmp_path / "site")
    command, pipe = [str(bare_python), "-P", "-m", "scope.install.probe_child", "60"], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as child:
        print(json.dumps({"site": str(tmp_path / "site"), "skip": []}), file=child.stdin, flush=True)
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["loading"] == "scope-slow"
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(timeout=60) == 1


def test_what_a_plugin_prints_does_not_reach_the_manager(manager, workshop):
    noisy = workshop.made("scope-noisy")
    code = "import os\nprint('{}')\nos.write(1, b'{}\\n')\n" + noisy.files["scope_noisy/__init__.py"]
    workshop.publish(workshop.made("scope-noisy", code=code))
    manager.install("scope-noisy")
    assert manager.versions() == {"scope-noisy": "1.0.0"}


def test_an_id_that_two_plugins_want_is_refused_and_neither_is_blamed(manager, workshop):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    code = workshop.made("scope-plain").files["scope_plain/__init__.py"]
    workshop.publish(workshop.made("scope-dup", code=code))
    assert (
        refused(manager, "scope-dup") == "scope-dup registers the pipeline id 'scope-plain', and so does scope-plain."
    )


def test_a_schema_that_cannot_be_shown_is_refused(manager, workshop):
    made = workshop.made("scope-schema")
    code = made.files["scope_schema/__init__.py"].replace(
        "    pipeline_id", "    odd: Callable = print\n    pipeline_id"
    )
    code = f"from typing import Callable\n{code}"
    workshop.publish(workshop.made("scope-schema", code=code))
    assert "scope-schema pipeline 'scope-schema' has no usable schema: " in refused(manager, "scope-schema")


@pytest.mark.parametrize("line", ["raise RuntimeError('boo')", "import sys; sys.exit(4)"])
def test_a_path_file_that_raises_is_refused(manager, workshop, line):
    bad = f"import builtins; exec({line!r})"
    workshop.publish(workshop.made("scope-pth", extra_files={"scope_pth.pth": bad}))
    message = refused(manager, "scope-pth")
    assert message.startswith(
        ("scope-pth has a path file that raised: RuntimeError: boo", "The plugins could not be tried")
    )


def test_a_plugin_that_its_author_broke_blocks_neither_others_nor_its_own_removal(manager, workshop):
    project = workshop.project(workshop.made("scope-own"))
    manager.install(f"-e {project}")
    source = project / "src" / "scope_own" / "__init__.py"
    source.write_text("import os\nos._exit(3)\n")
    workshop.publish(workshop.made("scope-other"))
    done = manager.install("scope-other")
    expected = "Not of this change: scope-own ended the process while it was loaded (exit code 3)."
    assert done.notes == (expected,)
    assert manager.versions() == {"scope-other": "1.0.0", "scope-own": "1.0.0"}
    manager.uninstall("scope-own")
    assert manager.versions() == {"scope-other": "1.0.0"}


def test_an_upgrade_that_breaks_is_refused_and_the_old_version_stays(manager, workshop):
    workshop.publish(workshop.made("scope-up"))
    manager.install("scope-up")
    workshop.publish(workshop.made("scope-up", "2.0.0", code="import a_module_that_is_not_there"))
    with pytest.raises(InstallError, match="scope-up could not be imported"):
        manager.upgrade("scope-up")
    assert manager.versions() == {"scope-up": "1.0.0"}


@pytest.mark.gate
def test_a_shared_dependency_that_breaks_an_untouched_plugin_is_refused(manager, workshop):
    workshop.publish(workshop.made("tool", code="answer = 42", entry_point=False))
    code = "from tool import answer\n" + workshop.made("scope-uses").files["scope_uses/__init__.py"]
    workshop.publish(workshop.made("scope-uses", code=code, requires=["tool"]))
    manager.install("scope-uses")
    workshop.publish(workshop.made("tool", "2.0.0", code="", entry_point=False))
    workshop.publish(workshop.made("scope-new", requires=["tool>=2"]))
    assert "scope-uses could not be imported: ImportError: cannot import name 'answer'" in refused(manager, "scope-new")
    assert manager.versions() == {"scope-uses": "1.0.0"}
