import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope_release.checkout import ReleaseError
from scope_release.vendor import rewrite_imports, wheel_files


def plan(checkout):
    return wheel_files(checkout.root / "packages/scope-fx/src/scope_fx", checkout.root / "shared/gpu/src/scope_gpu")


def test_the_plan_holds_the_rewritten_plugin_and_the_whole_library(checkout):
    files = plan(checkout)
    assert files["scope_fx/__init__.py"] == b"from scope_fx._vendor.scope_gpu import color\n"
    assert files["scope_fx/_vendor/scope_gpu/color.py"] == b"from scope_fx._vendor.scope_gpu.blur import RADIUS\n"
    assert {"scope_fx/_vendor/__init__.py", "scope_fx/_vendor/scope_gpu/py.typed"} <= files.keys()


def test_files_that_need_no_change_are_left_to_hatchling(checkout):
    checkout.write("packages/scope-fx/src/scope_fx/plain.py", "import os\n")
    assert "scope_fx/plain.py" not in plan(checkout)


def test_caches_and_hidden_files_stay_behind(checkout):
    checkout.write("shared/gpu/src/scope_gpu/__pycache__/color.pyc", "x")
    checkout.write("shared/gpu/src/scope_gpu/.notes", "x")
    assert not [path for path in plan(checkout) if "pycache" in path or "notes" in path]


def test_stubs_are_rewritten_and_data_is_copied(checkout):
    checkout.write("shared/gpu/src/scope_gpu/color.pyi", "from scope_gpu.blur import RADIUS\n")
    checkout.write("shared/gpu/src/scope_gpu/table.json", '"scope_gpu"')
    files = plan(checkout)
    assert b"_vendor" in files["scope_fx/_vendor/scope_gpu/color.pyi"]
    assert files["scope_fx/_vendor/scope_gpu/table.json"] == b'"scope_gpu"'


def test_a_syntax_error_in_the_library_is_named_with_its_line(checkout):
    checkout.write("shared/gpu/src/scope_gpu/blur.py", "RADIUS = 3\nclass\n")
    with pytest.raises(ReleaseError, match=r"^scope_gpu/blur\.py:2: this is not valid Python"):
        plan(checkout)


def test_a_library_that_is_not_there_says_what_to_do(checkout):
    (checkout.root / "shared/gpu/src/scope_gpu/__init__.py").unlink()
    with pytest.raises(ReleaseError, match=r"the shared library is not at .*; build from a whole checkout"):
        plan(checkout)


def test_a_vendor_folder_in_the_source_is_refused(checkout):
    checkout.write("packages/scope-fx/src/scope_fx/_vendor/x.py", "")
    with pytest.raises(ReleaseError, match=re.escape("that folder is made by the build")):
        plan(checkout)


TARGET = "scope_fx._vendor.scope_gpu"


def rewritten(source: str) -> str:
    return rewrite_imports(source.encode(), "scope_gpu", TARGET, "scope_fx/pipeline.py").decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from scope_gpu import color\n", f"from {TARGET} import color\n"),
        ("from scope_gpu.color import hsv, rgb as r\n", f"from {TARGET}.color import hsv, rgb as r\n"),
        ("from scope_gpu.color import *\n", f"from {TARGET}.color import *\n"),
        ("from \\\n  scope_gpu . color import hsv\n", f"from \\\n  {TARGET} . color import hsv\n"),
        ("import scope_gpu.color as c\n", f"import {TARGET}.color as c\n"),
        ("import scope_gpu as g\n", f"import {TARGET} as g\n"),
        ("import scope_gpu\n", f"import {TARGET} as scope_gpu\n"),
        ("import os, scope_gpu, sys\n", f"import os, {TARGET} as scope_gpu, sys\n"),
        (
            "import scope_gpu.color\nscope_gpu.color.hsv()\n",
            f"import {TARGET}.color as _scope_gpu_color, {TARGET} as scope_gpu\nscope_gpu.color.hsv()\n",
        ),
        ("def f():\n    from scope_gpu import color; return color\n", None),
        ("if TYPE_CHECKING:\n    from scope_gpu.frames import Frame\n", None),
        ("try:\n    import é; from scope_gpu import a\nexcept ImportError: pass\n", None),
        ("from scope_gpu.a import (\n    b,  # why\n    c,\n)\n", None),
        ("from scope_gpu import a\r\nimport scope_gpu.b as b\r\n", None),
        ("\f\nfrom scope_gpu import a\n", None),
    ],
)
def test_every_form_of_import_statement_is_pointed_at_the_copy(before: str, after: str | None):
    result = rewritten(before)
    assert result == (after if after is not None else before.replace("scope_gpu", TARGET))


@pytest.mark.parametrize(
    "source",
    [
        "from scope_gpu_extras import x\n",
        "import scope_gpux\n",
        "from . import scope_gpu\n",
        "from .scope_gpu import color\n",
        "import other.scope_gpu\n",
        '"""Uses `from scope_gpu.color import hsv`."""\n',
        "# import scope_gpu\n",
        'raise ValueError("scope_gpu.resize: expected THWC")\n',
        'x = "this plugin carries scope_gpu inside"\n',
    ],
)
def test_what_is_no_import_of_the_library_stays_as_it_is(source: str):
    assert rewritten(source) == source


@pytest.mark.parametrize(
    "source",
    [
        'import importlib\nm = importlib.import_module("scope_gpu.color")\n',
        'x = 1\nm = __import__("scope_gpu")\n',
        'x = 1\nm = importlib.import_module(f"scope_gpu.{name}")\n',
        'import sys\nm = sys.modules["scope_gpu"]\n',
        'x = 1\ntarget = "scope_gpu.color:hsv"\n',
        'x = 1\nexec("import scope_gpu")\n',
        'x = 1\nop = "scope_gpu::blur"\n',
        'x = 1\ndef f(frame: "scope_gpu.Frame"): ...\n',
    ],
)
def test_a_string_that_names_the_library_is_refused_with_file_and_line(source: str):
    with pytest.raises(ReleaseError, match=r"^scope_fx/pipeline\.py:2: the string .*scope_gpu.* import statement"):
        rewritten(source)


def test_a_syntax_error_is_refused_with_file_and_line():
    with pytest.raises(ReleaseError, match=r"^scope_fx/pipeline\.py:2: this is not valid Python \("):
        rewritten("x = 1\ndef f(:\n")


def test_a_file_that_is_not_utf8_is_refused():
    with pytest.raises(ReleaseError, match=r"^a\.py:1: this is not a Python file in UTF-8"):
        rewrite_imports(b'x = "\xff"\n', "scope_gpu", TARGET, "a.py")


def test_a_byte_order_mark_does_not_shift_the_edit():
    result = rewrite_imports(b"\xef\xbb\xbffrom scope_gpu import a\n", "scope_gpu", TARGET, "a.py")
    assert result == f"from {TARGET} import a\n".encode()


MODULES = st.sampled_from(["scope_gpu", "scope_gpu.color", "scope_gpu.io.video", "os", "scope_gpux"])
ALIAS = st.tuples(MODULES, st.sampled_from(["", " as x"])).map("".join)
STATEMENT = st.one_of(
    st.lists(ALIAS, min_size=1, max_size=4).map(lambda names: "import " + ", ".join(names)),
    MODULES.map(lambda module: f"from {module} import (a,\n  b)"),
    st.sampled_from(["x = 'é'", "pass  # scope_gpu", '"""scope_gpu"""']),
)
LINE = st.tuples(st.sampled_from(["{}", "if x:\n  {}", "def f():\n    y = 'ü'; {}"]), STATEMENT)


@given(st.lists(LINE.map(lambda pair: pair[0].format(pair[1])), max_size=8))
def test_any_mix_of_imports_keeps_its_lines_and_loses_every_absolute_name(lines: list[str]):
    source = "\n".join(lines)
    result = rewritten(source)
    imported = [a.name for n in ast.walk(ast.parse(result)) if isinstance(n, ast.Import) for a in n.names]
    imported += [n.module or "" for n in ast.walk(ast.parse(result)) if isinstance(n, ast.ImportFrom)]
    assert not [name for name in imported if name.split(".")[0] == "scope_gpu"]
    assert result.count("\n") == source.count("\n")
    assert rewritten(result) == result
