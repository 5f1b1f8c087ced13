"""What a person may type, what plugins.txt holds for it, and what is refused in which words."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scope.install.browser_urls import Refs, from_browser_url
from scope.install.errors import BadRequestError
from scope.install.redact import redact
from scope.install.specs import Kind, parse

CWD = Path("/home/someone")


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("scope-fx", Kind.NAME, "scope-fx"),
        ("Scope_FX==1.2", Kind.NAME, "scope-fx"),
        ("scope-fx[extra]>=1", Kind.NAME, "scope-fx"),
        ("git+https://host/u/r", Kind.GIT, ""),
        ("git+ssh://git@host/u/r@v1#subdirectory=packages/scope-fx", Kind.GIT, ""),
        ("git+file:///srv/r", Kind.GIT, ""),
        ("scope-fx @ git+https://host/u/r", Kind.GIT, "scope-fx"),
        ("https://host/scope_fx-1.0-py3-none-any.whl", Kind.URL, ""),
        ("https://host/scope-fx.tar.gz#sha256=00", Kind.URL, ""),
    ],
)
def test_a_spec_is_kept_as_it_was_written(text, kind, name):
    spec = parse(text, cwd=CWD)
    assert (spec.kind, spec.name, spec.line, spec.editable) == (kind, name, text, False)


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("./scope-fx", Kind.FOLDER, "/home/someone/scope-fx"),
        ("../other/scope-fx", Kind.FOLDER, "/home/other/scope-fx"),
        ("packages/scope-fx", Kind.FOLDER, "/home/someone/packages/scope-fx"),
        ("/srv/a b", Kind.FOLDER, "/srv/a b"),
        ("file:///srv/a%20b", Kind.FOLDER, "/srv/a b"),
        ("dist/scope_fx-1.0-py3-none-any.whl", Kind.FILE, "/home/someone/dist/scope_fx-1.0-py3-none-any.whl"),
        ("git@host:u/r.git", Kind.GIT, "git+ssh://git@host/u/r.git"),
    ],
)
def test_a_place_is_written_in_full(text, kind, line):
    spec = parse(text, cwd=CWD)
    assert (spec.kind, spec.line) == (kind, line)


def test_an_editable_folder_says_so_in_its_line():
    spec = parse("./scope-fx", cwd=CWD, editable=True)
    assert spec.line == "-e /home/someone/scope-fx"
    assert parse(spec.line, cwd=Path("/")) == spec


def test_ref_and_folder_of_a_repository_are_told_apart():
    spec = parse("git+ssh://git@host/u/r@feature/deep#subdirectory=packages/scope-fx", cwd=CWD)
    assert (spec.url, spec.ref, spec.subdirectory) == ("ssh://git@host/u/r", "feature/deep", "packages/scope-fx")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scope-fx ==== 1", '"scope-fx ==== 1" is no requirement'),
        ("--index-url https://host", 'is no requirement; a spec does not begin with "-"'),
        ("scope-fx\n--index-url x", "A spec is one line"),
        ("https://me:secret@host/u/r.whl", "Leave the password out of the address"),
        ("git+https://token@host/u/r", "Leave the password out of the address"),
        ("git+ssh://git:secret@host/u/r", "Leave the password out of the address"),
        ("ftp://host/x.whl", "has the unknown scheme 'ftp'; known: https, git"),
        ("git+https://host", "names no repository"),
        ("git+https://host/u/r#folder=x", "has the unknown option 'folder'; known: subdirectory"),
        ("-e scope-fx", 'Only a folder of this machine can be editable; "scope-fx" is none'),
        ("https://host/u/r", "is the address of a page; write git"),
        ("", "is no requirement"),
        ("./c#/scope-fx", "reads a path only up to a #"),
    ],
)
def test_what_is_no_spec_is_refused_in_words(text, message):
    with pytest.raises(BadRequestError, match=message) as caught:
        parse(text, cwd=CWD)
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60))
@example("-e ")
@example("@:/")
@example("git+ssh://[")
def test_no_text_does_anything_but_parse_or_be_refused(text):
    try:
        spec = parse(text, cwd=CWD)
    except BadRequestError:
        return
    assert "\n" not in spec.line
    assert parse(spec.line, cwd=Path("/")).line == spec.line


REFS = Refs(["main", "feature", "feature/deep", "v1"], "main")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/u/r", "git+https://github.com/u/r"),
        ("https://github.com/u/r.git", "git+https://github.com/u/r.git"),
        ("https://github.com/u/r/tree/main", "git+https://github.com/u/r"),
        ("https://github.com/u/r/tree/main/packages/p", "git+https://github.com/u/r#subdirectory=packages/p"),
        ("https://github.com/u/r/tree/v1/packages/p", "git+https://github.com/u/r@v1#subdirectory=packages/p"),
        ("https://github.com/u/r/blob/v1/p/pyproject.toml", "git+https://github.com/u/r@v1#subdirectory=p"),
        ("https://github.com/u/r/blob/v1/pyproject.toml", "git+https://github.com/u/r@v1"),
        ("https://github.com/u/r/tree/feature/deep/p", "git+https://github.com/u/r@feature/deep#subdirectory=p"),
        ("https://github.com/u/r/tree/feature/other", "git+https://github.com/u/r@feature#subdirectory=other"),
        ("https://github.com/u/r/tree/0123abc/p", "git+https://github.com/u/r@0123abc#subdirectory=p"),
        ("https://gitlab.com/g/sub/r/-/tree/v1/p", "git+https://gitlab.com/g/sub/r@v1#subdirectory=p"),
        (
            "https://codeberg.org/u/r/src/branch/feature/deep/p",
            "git+https://codeberg.org/u/r@feature/deep#subdirectory=p",
        ),
        ("https://codeberg.org/u/r/src/tag/v1", "git+https://codeberg.org/u/r@v1"),
        ("https://bitbucket.org/u/r/src/v1/p/", "git+https://bitbucket.org/u/r@v1#subdirectory=p"),
        ("https://github.com/u/r/tree/main/a%20b", "git+https://github.com/u/r#subdirectory=a b"),
    ],
)
def test_the_address_of_a_page_becomes_repository_ref_and_folder(url, expected):
    assert from_browser_url(url, lambda repository: REFS) == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://github.com/u", "names no repository; expected https://host/owner/repository"),
        ("https://github.com/u/r/tree/nope/p", r'https://github.com/u/r has no branch or tag that begins "nope/p"'),
    ],
)
def test_the_address_of_something_else_is_refused(url, message):
    with pytest.raises(BadRequestError, match=message):
        from_browser_url(url, lambda repository: REFS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:secret@host/x?token=secret#y", "https://***@host/x#y"),
        ("error: 'https://secret@host/x'", "error: 'https://***@host/x'"),
        ("ssh://git@host/x", "ssh://git@host/x"),
        ("a@b and c?d=e", "a@b and c?d=e"),
    ],
)
def test_secrets_in_urls_are_not_shown(text, expected):
    assert redact(text) == expected
