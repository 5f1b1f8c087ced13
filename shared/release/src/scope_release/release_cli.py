"""`release`: prepare a release, check a tag, print its notes, make a package index."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from scope_release import index
from scope_release.errors import ReleaseError
from scope_release.library import proposals
from scope_release.outputs import write_outputs
from scope_release.packages import find_root
from scope_release.prepare import prepare
from scope_release.tags import check_tag

COMMANDS = ("check", "notes", "index", "prepare")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; a reason not to is one sentence on standard error and exit status 1."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] not in COMMANDS and not given[0].startswith("-"):
        given = ["prepare", *given]
    options = make_parser().parse_args(given)
    try:
        options.run(options)
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
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
        write_outputs(options.outputs, values)


def _notes(options: argparse.Namespace) -> None:
    print(check_tag(find_root(Path.cwd()), options.tag)[1].body)


def _index(options: argparse.Namespace) -> None:
    for project, files in index.write_index(options.directory).items():
        print(f"{project}: {', '.join(files)}")
