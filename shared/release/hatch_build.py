"""The build hook of every plugin: a wheel carries a private copy of the shared library.

hatchling loads this file by its path in a build environment that holds nothing but hatchling. Paths are taken from
where this file lies, so that it works in a checkout and in an unpacked source distribution.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHARED = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SHARED / "release" / "src"))

from scope_release import checkout, rules, vendor  # noqa: E402


class VendorHook(BuildHookInterface):
    """Adds what `vendor` plans; editable installs keep using the live library."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        try:
            files = self._plan()
        except checkout.ReleaseError as error:
            self.app.abort(str(error))
        self._scratch = tempfile.TemporaryDirectory(prefix="scope-release-")
        self._include(files, build_data["force_include"])

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._scratch.cleanup()

    def _plan(self) -> dict[str, bytes]:
        root = Path(self.root)
        package = checkout.load(root)
        rules.check_plugin_source(package)
        wheel = vendor.wheel_files(package.source, SHARED / "gpu" / "src" / "scope_gpu")
        return wheel if self.target_name == "wheel" else vendor.sdist_files(root, SHARED)

    def _include(self, files: dict[str, bytes], included: dict[str, str]) -> None:
        """Each file by itself: hatchling lets a single outside file take the place of one of the project's own."""
        for number, (path, content) in enumerate(files.items()):
            for source in [source for source, target in included.items() if target == path]:
                del included[source]
            file = Path(self._scratch.name) / str(number)
            file.write_bytes(content)
            included[str(file)] = path
