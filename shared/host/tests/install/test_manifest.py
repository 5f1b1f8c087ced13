"""plugins.txt belongs to its user: what is not touched stays, and what cannot be read is named."""

from scope.install import manifest
from scope.install.plugins_txt import edited, read_text

TEXT = """# my plugins
scope-fx   # the nice one

scope-fx ==== 1
-e /srv/scope-own
--index-url https://host
"""


def test_comments_are_passed_over_and_damaged_lines_named():
    found = manifest.read(TEXT)
    assert [(line.number, line.spec.line) for line in found.lines] == [(2, "scope-fx"), (5, "-e /srv/scope-own")]
    assert found.damaged[0].startswith('plugins.txt, line 4: "scope-fx ==== 1" is no requirement (')
    assert found.damaged[0].endswith("; skipped.")
    assert found.damaged[1] == (
        'plugins.txt, line 6: "--index-url https://host" is no requirement; a spec does not begin with "-"; skipped.'
    )


def test_editing_touches_only_the_lines_that_change():
    assert (
        edited(TEXT, remove={2}, add=["scope-new"]) == TEXT.replace("scope-fx   # the nice one\n", "") + "scope-new\n"
    )


def test_an_empty_file_gets_a_first_line():
    assert edited("", remove=set(), add=["scope-new"]) == "scope-new\n"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "plugins.txt"
    path.write_bytes(b"\xef\xbb\xbfscope-fx\r\nscope-own\r\n")
    assert read_text(path) == "scope-fx\nscope-own\n"
    assert read_text(tmp_path / "nothing") == ""
