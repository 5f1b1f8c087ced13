import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scope_release.checkout import ReleaseError
from scope_release.index import write_index


def make_wheel(folder: Path, name: str, version: str, said: str | None = None) -> Path:
    module = name.replace("-", "_")
    path = folder / f"{module}-{version}-py3-none-any.whl"
    info = f"{module}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{module}/__init__.py", f"VERSION = {version!r}\n")
        headers = f"Metadata-Version: 2.4\nName: {said or name}\nVersion: {version}\nRequires-Python: >=3.12\n"
        archive.writestr(f"{info}/METADATA", headers)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"{module}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
    return path


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "space & wheels"
    folder.mkdir()
    for name, version in (("scope-fx", "0.1.0"), ("scope-fx", "0.2.0"), ("scope-synth", "0.1.0")):
        make_wheel(folder, name, version)
    return folder


def test_every_page_links_every_wheel_with_its_hash(wheels: Path):
    assert list(write_index(wheels)) == ["scope-fx", "scope-synth"]
    page = (wheels / "simple/scope-fx/index.html").read_text()
    links = re.findall(r'href="([^"#]+)#sha256=([0-9a-f]{64})" data-requires-python="&gt;=3.12"', page)
    assert len(links) == 2
    for link, digest in links:
        content = (wheels / "simple/scope-fx" / link).resolve().read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest


def test_the_json_says_the_same_as_the_page(wheels: Path):
    write_index(wheels)
    page = json.loads((wheels / "simple/scope-fx/index.json").read_text())
    assert page["versions"] == ["0.1.0", "0.2.0"]
    for file in page["files"]:
        wheel = (wheels / "simple/scope-fx" / file["url"]).resolve()
        assert file["hashes"]["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
        metadata = wheel.with_name(f"{wheel.name}.metadata").read_bytes()
        assert file["core-metadata"]["sha256"] == hashlib.sha256(metadata).hexdigest()
    root = json.loads((wheels / "simple/index.json").read_text())
    assert root["projects"] == [{"name": "scope-fx"}, {"name": "scope-synth"}]


def test_the_index_is_the_same_when_made_again(wheels: Path):
    write_index(wheels)
    before = {path: path.read_bytes() for path in wheels.rglob("*") if path.is_file()}
    write_index(wheels)
    assert {path: path.read_bytes() for path in wheels.rglob("*") if path.is_file()} == before


def test_an_installer_finds_the_pinned_version(wheels: Path, tmp_path: Path):
    write_index(wheels)
    index = (wheels / "simple").as_uri()
    command = [
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-config",
        "--python",
        sys.executable,
        "--index-url",
        index,
        "--target",
        str(tmp_path / "to"),
    ]
    subprocess.run([*command, "--no-cache", "scope-fx==0.1.0"], check=True, cwd=tmp_path)
    assert "0.1.0" in (tmp_path / "to/scope_fx/__init__.py").read_text()


def test_a_folder_without_wheels_is_refused(tmp_path: Path):
    with pytest.raises(ReleaseError, match="has no wheels to make an index of"):
        write_index(tmp_path)


@pytest.mark.parametrize("name", ["scope_fx-0.1.0-py3-none-any.whl", "nonsense.whl"])
def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(b"no zip")
    with pytest.raises(ReleaseError, match=f"{name} is not a wheel"):
        write_index(tmp_path)


def test_a_renamed_wheel_is_refused(tmp_path: Path):
    make_wheel(tmp_path, "scope-fx", "0.1.0", said="scope-synth")
    with pytest.raises(ReleaseError, match=r"its metadata says scope-synth 0\.1\.0, so the file was renamed"):
        write_index(tmp_path)
