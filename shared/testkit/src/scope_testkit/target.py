"""What `scope check` was asked to examine."""

import difflib
import json
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

from scope_testkit.owners import installed_owners

GROUP = "scope"


class TargetError(ValueError):
    """Nothing of that name; the message says what was looked for."""


@dataclass(frozen=True)
class Target:
    """A project folder, a wheel, or an installed distribution, and which of its pipelines (None: all)."""

    dist: str
    project: Path | None = None
    wheel: Path | None = None
    pipeline: str | None = None


def resolve(text: str) -> Target:
    """Find a folder, wheel, distribution or pipeline id; an editable distribution counts as its folder.

    Raises:
        TargetError: it is none of these.
    """
    path = Path(text)
    if path.is_dir():
        return Target(_project_name(path), project=path.resolve())
    if path.suffix == ".whl" and path.is_file():
        return Target(path.name.split("-")[0].replace("_", "-"), wheel=path.resolve())
    installed = {d.name: d for d in metadata.distributions() if d.name and d.entry_points.select(group=GROUP)}
    if text in installed:
        return Target(text, project=editable_folder(installed[text]))
    owners = {owner.pipeline_id: owner.dist for owner in reversed(installed_owners())}
    if text in owners:
        return Target(owners[text], project=editable_folder(installed[owners[text]]), pipeline=text)
    names = [*installed, *owners, *(file.parent.name for file in Path.cwd().glob("*/pyproject.toml"))]
    near = [name for said in (text, f"scope-{text}") for name in difflib.get_close_matches(said, names, n=1)]
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise TargetError(
        f"expected a plugin's folder, wheel, distribution name or pipeline id, got {text!r}{hint} "
        f"(installed plugins: {', '.join(sorted(installed)) or 'none'})"
    )


def editable_folder(distribution: metadata.Distribution) -> Path | None:
    """The project folder of an editable install, None for any other."""
    text = distribution.read_text("direct_url.json")
    data = json.loads(text) if text else {}
    if not data.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlparse(data["url"]).path))


def _project_name(folder: Path) -> str:
    file = folder / "pyproject.toml"
    if not file.is_file():
        raise TargetError(f"expected a project with pyproject.toml in {folder}, found none")
    name = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {}).get("name")
    if not name:
        raise TargetError(f"expected [project] with a name in {file}")
    return name
