"""`ci`: what the workflows decide, runnable anywhere."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from scope_release.changed import Affected, affected_between
from scope_release.clean_room import verify_wheel
from scope_release.errors import ReleaseError
from scope_release.gate import failures
from scope_release.outputs import write_outputs
from scope_release.packages import find_root
from scope_release.provided import PROVIDED

SYSTEMS = ("ubuntu-latest", "windows-latest", "macos-latest")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; a reason not to is one sentence on standard error and exit status 1."""
    options = make_parser().parse_args(arguments)
    try:
        options.run(options)
    except ReleaseError as error:
        print(f"ci: {error}", file=sys.stderr)
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ci", description=__doc__)
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


def _changed(options: argparse.Namespace) -> None:
    found = affected_between(find_root(Path.cwd()), options.base, options.head)
    for package in found.packages:
        print(package.name)
    if options.outputs:
        write_outputs(options.outputs, _matrix(find_root(Path.cwd()), found))


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
