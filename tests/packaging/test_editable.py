"""Editable installs work on the live library, for whoever develops a plugin and the library together."""

from pathlib import Path

import pytest

LIBRARY = "shared/gpu/src/scope_gpu"


@pytest.mark.parametrize("tool", ["uv", pytest.param("pip", marks=pytest.mark.gate)])
def test_a_change_in_the_shared_library_shows_at_once(snapshot, new_environment, tmp_path: Path, tool: str):
    checkout = snapshot.copy(tmp_path / "live")
    environment = new_environment("editable")
    environment.install(tool, "--editable", checkout.root / "packages/scope-fx")
    (checkout.root / LIBRARY / "brand_new.py").write_text("VALUE = 7\n", encoding="utf-8")
    assert environment.ask("from scope_gpu.brand_new import VALUE; print(VALUE)") == "7"
    places = environment.ask("import scope_gpu; print(scope_gpu.__file__)")
    assert Path(places) == (checkout.root / LIBRARY / "__init__.py").resolve()
    assert "_vendor" not in str(environment.digests("scope-fx"))


def test_an_install_from_a_folder_ships_what_the_folder_says_now(snapshot, new_environment, tmp_path: Path):
    """uv keeps wheels that it built from a folder: a changed library must not be answered from that store."""
    checkout = snapshot.copy(tmp_path / "live")
    before, after = new_environment("before"), new_environment("after")
    before.install("uv", checkout.root / "packages/scope-fx")
    (checkout.root / LIBRARY / "brand_new.py").write_text("VALUE = 7\n", encoding="utf-8")
    after.install("uv", checkout.root / "packages/scope-fx")
    assert "brand_new.py" not in str(before.digests("scope-fx"))
    assert "scope_fx/_vendor/scope_gpu/brand_new.py" in str(after.digests("scope-fx"))
