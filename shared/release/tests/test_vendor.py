import re

import pytest

from scope_release.errors import ReleaseError
from scope_release.vendor import wheel_files


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
