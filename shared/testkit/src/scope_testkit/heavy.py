"""Which heavy libraries the import of a plugin draws in, asked of a fresh interpreter."""

import json
import subprocess
import sys

from scope_testkit.findings import Finding

HEAVY = ("torch", "torchvision", "diffusers", "transformers", "cv2", "tensorflow", "jax", "scipy", "numpy")
_SECONDS = 120
_CODE = """
import importlib, json, sys
sys.path[:0] = {path!r}
importlib.import_module({module!r})
print(json.dumps(sorted(set({heavy!r}) & set(sys.modules))))
"""


def heavy_imports(module: str, path: list[str]) -> list[Finding]:
    """A finding if importing the module draws in one of the heavy libraries.

    `path` comes before the interpreter's own search path. A module that cannot be imported is another rule's business.
    """
    code = _CODE.format(module=module, path=path, heavy=HEAVY)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return []
    found = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 and done.stdout.strip() else []
    return [Finding("P009", f"importing {module} imports {', '.join(found)}")] if found else []
