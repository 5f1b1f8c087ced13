"""Values that a workflow hands from one step to the next."""

import json
from collections.abc import Mapping
from pathlib import Path


def write_outputs(path: Path, values: Mapping[str, object]) -> None:
    """Appends `name=value` lines; whatever is not text is written as JSON on one line."""
    lines = (f"{name}={value if isinstance(value, str) else json.dumps(value)}\n" for name, value in values.items())
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)
