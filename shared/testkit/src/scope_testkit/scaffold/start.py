"""The whole of `scope new`: where the plugin goes, and what to do next."""

from pathlib import Path

from scope_testkit.scaffold.join import with_member, workspace_root
from scope_testkit.scaffold.kinds import KINDS, Place
from scope_testkit.scaffold.names import Names
from scope_testkit.scaffold.write import write_plugin


def start(folder: Path, names: Names, kind: str, place: Place) -> str:
    """Write the plugin and say in a few lines what to do next.

    Raises:
        ExistsError: its folder exists already.
        NoWorkspaceError: `here` outside of the workspace.
    """
    chosen = KINDS[kind]
    if place == "standalone":
        home = folder / names.dist
        written = write_plugin(home, names, chosen, place)
        steps = [f"cd {names.dist}", "git init", "uv sync"]
    else:
        root = workspace_root(folder)
        home = root / "packages" / names.dist
        written = write_plugin(home, names, chosen, place)
        steps = [*_join(root, names.dist), "uv sync"]
    source = "--input testpattern " if chosen.takes_video else ""
    steps.append(f"uv run scope render {names.pipeline_id} {source}-o {names.pipeline_id}.png --frames 1")
    steps.append(f"uv run scope check {names.dist}")
    return "\n".join([f"{names.dist}: {len(written)} files in {home}", "", "Next:", *(f"    {step}" for step in steps)])


def _join(root: Path, dist: str) -> list[str]:
    """Add the member to the root pyproject.toml, or say what to add by hand."""
    file = root / "pyproject.toml"
    text = with_member(file.read_text(encoding="utf-8"), dist)
    if text is None:
        return [f'add "{dist}" to [project] dependencies in {file.name}', f"and {dist} to [tool.uv.sources]"]
    file.write_text(text, encoding="utf-8", newline="\n")
    return []
