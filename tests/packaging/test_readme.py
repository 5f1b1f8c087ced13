"""The README has a line to paste for every plugin, with its released version and without, at one address."""

import re

from scope_release.changelog import UNRELEASED, sections
from scope_release.checkout import Package, load

LINE = re.compile(r"^    git\+(https://\S+?)\.git(?:@(\S+?))?#subdirectory=(\S+)$", re.MULTILINE)
PLACE = re.compile(
    r"(https://[^\s\"]+?)(?:\.git(?:@\S+)?#subdirectory=(?:packages|shared)|/tree/main/packages|\.git\", subdirectory)"
)


def newest(package: Package) -> str:
    """The version of the last release, and what stands for it before the first one."""
    found = [section.title for section in sections(package.changelog.read_text(encoding="utf-8"))]
    return next((title for title in found if title != UNRELEASED), "X.Y.Z")


def test_every_plugin_has_its_line_with_and_without_a_released_version(snapshot):
    found = LINE.findall((snapshot.root / "README.md").read_text(encoding="utf-8"))
    expected = {(tag, f"packages/{p.name}") for p in snapshot.plugins for tag in ("", f"{p.name}-v{newest(p)}")}
    assert {(tag, place) for _, tag, place in found} == expected


def test_every_text_has_the_address_that_the_root_project_names(snapshot):
    address = load(snapshot.root).project["urls"]["Repository"]
    assert {found for found, _, _ in LINE.findall((snapshot.root / "README.md").read_text(encoding="utf-8"))} == {
        address
    }
    texts = [*snapshot.root.glob("packages/*/README.md"), *snapshot.root.glob("packages/*/src/*/schema.py")]
    texts += [snapshot.root / "shared/testkit/README.md"]
    texts += snapshot.root.glob("shared/testkit/src/scope_testkit/scaffold/templates/*/*.tmpl")
    named = {found for path in texts for found in PLACE.findall(path.read_text(encoding="utf-8"))}
    assert named == {address}
