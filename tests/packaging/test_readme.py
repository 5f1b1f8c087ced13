"""The README has a line to paste for every plugin, with its version and without."""

import re

LINE = re.compile(r"^    git\+(https://\S+?\.git)(?:@(\S+?))?#subdirectory=(\S+)$", re.MULTILINE)


def test_every_plugin_has_its_line_with_and_without_a_version(snapshot):
    found = LINE.findall((snapshot.root / "README.md").read_text(encoding="utf-8"))
    plugins = {(package.name, package.version) for package in snapshot.plugins}
    expected = {(tag, f"packages/{name}") for name, version in plugins for tag in ("", f"{name}-v{version}")}
    assert {(tag, place) for _, tag, place in found} == expected
    assert len({address for address, _, _ in found}) == 1
