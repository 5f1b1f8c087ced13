"""The commands `ci` and `release`: what workflows decide and people release, runnable anywhere."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from scope_release import index
from scope_release.checkout import ReleaseError, find_root
from scope_release.ci import Affected, affected_between, failures
from scope_release.clean_room import verify_wheel
from scope_release.release import check_tag, prepare, proposals
from scope_release.rules import PROVIDED

SYSTEMS = ("ubuntu-latest", "windows-latest", "macos-latest")
RELEASE_COMMANDS = ("check", "notes", "index", "prepare")


def ci(arguments: list[str] | None = None) -> int:
    """Runs a command of `ci`; a reason not to is one sentence on standard error and exit status 1."""
    return _run("ci", ci_parser(), arguments)


def release(arguments: list[str] | None = None) -> int:
    """Runs a command of `release`, likewise; `release PACKAGE STEP` is short for `prepare`."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] not in RELEASE_COMMANDS and not given[0].startswith("-"):
        given = ["prepare", *given]
    return _run("release", release_parser(), given)


def _run(program: str, parser: argparse.ArgumentParser, arguments: list[str] | None) -> int:
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except ReleaseError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    return 0


def ci_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ci", description="What the workflows decide, runnable anywhere.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    changed = commands.add_parser("changed", help="the packages that a change touches, with their dependents")
    changed.add_argument("base", metavar="BASE")
    changed.add_argument("head", metavar="HEAD")
    changed.add_argument("--outputs", type=Path, help="append the test matrix for a workflow to this file")
    changed.set_defaults(run=_changed)
    wheel = commands.add_parser("test-wheel", help="run a package's tests against its wheel in a clean environment")
    wheel.add_argument("package")
    wheel.add_argument("wheel", type=Path)
    wheel.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    wheel.set_defaults(run=_test_wheel)
    newest = commands.add_parser("newest", help="list what hosts provide, for an install of the newest of each")
    newest.set_defaults(run=_newest)
    gate = commands.add_parser("gate", help="fail if a job failed; reads the jobs' results as JSON from $NEEDS")
    gate.add_argument("--advisory", action="append", default=[], help="a job whose failure does not count")
    gate.set_defaults(run=_gate)
    return parser


def release_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="release", description="`release PACKAGE STEP` is short for `prepare`.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    make = commands.add_parser("prepare", help="version, changelog, commit and tag of one package")
    make.add_argument("package", help="such as scope-fx")
    make.add_argument("step", help="major, minor, patch, or the version in full")
    make.set_defaults(run=_prepare)
    check = commands.add_parser("check", help="do tag, version, changelog and packaging rules agree?")
    check.add_argument("tag", help="such as scope-fx-v0.2.0")
    check.add_argument("--outputs", type=Path, help="append package, version and folder for a workflow to this file")
    check.set_defaults(run=_check)
    notes = commands.add_parser("notes", help="print the changelog section of a tag")
    notes.add_argument("tag")
    notes.set_defaults(run=_notes)
    pages = commands.add_parser("index", help="make DIR/simple, a package index, from the wheels in DIR")
    pages.add_argument("directory", type=Path, metavar="DIR")
    pages.set_defaults(run=_index)
    return parser


def _changed(options: argparse.Namespace) -> None:
    found = affected_between(find_root(Path.cwd()), options.base, options.head)
    for package in found.packages:
        print(package.name)
    if options.outputs:
        _write_outputs(options.outputs, _matrix(find_root(Path.cwd()), found))


def _matrix(root: Path, found: Affected) -> dict[str, object]:
    places = {package.name: package.folder.relative_to(root).as_posix() for package in found.packages}
    tests = [{"package": name, "folder": place, "os": system} for name, place in places.items() for system in SYSTEMS]
    wheels = [package.name for package in found.packages if not package.is_private]
    return {"tests": tests, "wheels": wheels, "spanning": found.spanning}


def _test_wheel(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="scope-wheel-") as scratch:
        verify_wheel(find_root(Path.cwd()), options.package, options.wheel, Path(scratch), options.pytest)


def _newest(options: argparse.Namespace) -> None:
    print("\n".join(sorted(PROVIDED)))


def _gate(options: argparse.Namespace) -> None:
    results = {name: job["result"] for name, job in json.loads(os.environ["NEEDS"]).items()}
    blocking, advisory = failures(results, frozenset(options.advisory))
    for line in advisory:
        print(f"worth a look: {line}")
    if blocking:
        raise ReleaseError(f"these jobs did not pass: {', '.join(blocking)}.")


def _prepare(options: argparse.Namespace) -> None:
    root = find_root(Path.cwd())
    tag = prepare(root, options.package, options.step, datetime.now(UTC).date())
    print(f"{tag} is committed and tagged here. Publish it with `git push --atomic origin HEAD {tag}`.")
    for proposal in proposals(root):
        print(proposal)


def _check(options: argparse.Namespace) -> None:
    package, section = check_tag(find_root(Path.cwd()), options.tag)
    print(f"{options.tag}: {package.name} {package.version}, changelog of {section.date}; all agree.")
    if options.outputs:
        values = {"package": package.name, "version": package.version, "plugin": package.is_plugin}
        _write_outputs(options.outputs, values)


def _notes(options: argparse.Namespace) -> None:
    print(check_tag(find_root(Path.cwd()), options.tag)[1].body)


def _index(options: argparse.Namespace) -> None:
    for project, files in index.write_index(options.directory).items():
        print(f"{project}: {', '.join(files)}")


def _write_outputs(path: Path, values: Mapping[str, object]) -> None:
    """For the next step of a workflow: appends `name=value` lines; whatever is not text is written as JSON on one line."""
    lines = (f"{name}={value if isinstance(value, str) else json.dumps(value)}\n" for name, value in values.items())
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)
