"""`scope install`, `uninstall`, `upgrade`, `rollback`, `history` as processes: words, exit codes, questions."""

import json
import signal
import time

import pytest

from scope.cli import changing, main
from scope.cli.errors import UserError


def test_installing_says_what_comes_and_what_there_is_then(command, workshop):
    workshop.publish(workshop.made("tool", entry_point=False))
    workshop.publish(workshop.made("scope-plain", requires=["tool"]))
    done = command.run("install", "scope-plain", "--yes")
    assert (done.returncode, done.stdout) == (
        0,
        "scope-plain 1.0.0, from package index\n"
        "with it: tool 1.0.0, from package index\n"
        "Generation 1 is current: scope-plain 1.0.0.\n",
    )
    again = command.run("install")
    assert (again.returncode, again.stdout) == (0, "Nothing to do: what is wanted is installed.\n")
    workshop.publish(workshop.made("scope-plain", "2.0.0", requires=["tool"]))
    moved = command.run("upgrade", "--all", "--yes")
    assert moved.stdout == (
        "scope-plain 1.0.0 -> 2.0.0, from package index\nstays: tool 1.0.0\n"
        "Generation 2 is current: scope-plain 2.0.0.\n"
    )
    assert command.run("rollback").stdout == "Generation 1 is current: scope-plain 1.0.0.\n"
    gone = command.run("uninstall", "scope-plain")
    assert gone.stdout == "remove scope-plain 1.0.0\nwith it: remove tool 1.0.0\nGeneration 3 is current: no plugins.\n"
    switches = json.loads(command.run("history", "--json").stdout)
    assert [(switch["by"], switch["what"], switch["current"]) for switch in switches] == [
        ("install", "scope-plain", False),
        ("upgrade", "scope-plain", False),
        ("rollback", "to generation 1", False),
        ("uninstall", "scope-plain", True),
    ]


def test_without_a_terminal_and_without_yes_nothing_is_installed(command, workshop):
    workshop.publish(workshop.made("scope-plain"))
    done = command.run("install", "scope-plain")
    assert done.returncode == 2
    assert "Nobody is here to agree; give --yes to go on without a question. Nothing was changed." in done.stderr
    assert "Installing runs this code with your rights." in done.stdout
    assert not (command.plugins / "plugins.txt").exists()


def test_a_failure_is_exit_code_1_and_names_the_log(command, workshop):
    workshop.publish(workshop.made("scope-broken", code="print('the last words'); import a_module_that_is_not_there"))
    done = command.run("install", "scope-broken", "--yes")
    assert done.returncode == 1
    assert "error: scope-broken could not be imported: ModuleNotFoundError" in done.stderr
    assert "Nothing was changed." in done.stderr
    log = done.stderr.partition("The log: ")[2].strip()
    written = open(log).read()  # noqa: SIM115, PTH123 - a path that a person would paste
    assert "the last words" in written
    assert "Traceback" in written


@pytest.mark.usefixtures("workshop", "store")
@pytest.mark.parametrize(
    "words", [("install", "scope ==== 1"), ("uninstall", "scope-nope"), ("upgrade",), ("rollback",)], ids=" ".join
)
def test_bad_words_are_exit_code_2(capsys, words):
    code = main(list(words))
    errors = capsys.readouterr().err
    assert (code, errors.count("error: ")) == (2, 1), errors


def test_ctrl_c_is_exit_code_130_and_changes_nothing(command, workshop):
    workshop.publish(workshop.made("scope-slow", code="import time\ntime.sleep(600)"))
    process = command.start("install", "scope-slow", "--yes")
    assert process.stderr is not None
    while "Loading every plugin." not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, "Interrupted; nothing was changed." in errors) == (130, True), errors
    assert command.store.names() == []


def test_a_question_is_asked_and_no_means_no(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with pytest.raises(UserError, match=r"Nothing was changed\.") as refused:
        changing.ask("Installing runs this code with your rights.", "Go on?", confirm=lambda question: False)
    assert refused.value.exit_code == 1


def test_commands_that_change_plugins_start_without_torch(command):
    code = "import sys; from scope.cli import main; main(['history']); print([n for n in sys.modules if n == 'torch'])"
    assert command.run(program=("-c", code)).stdout.splitlines()[-1] == "[]"
