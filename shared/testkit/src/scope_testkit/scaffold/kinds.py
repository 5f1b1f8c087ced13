"""What each kind of plugin is made of: which templates become which files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Place = Literal["here", "standalone"]
Flow = Literal["filter", "generator", "model", "multimode"]


@dataclass(frozen=True)
class Kind:
    """`effect`: the file of its pure function; `flow`: how its frames go; `function`: its name, and `arguments` the
    fields that it takes, without their prefix; `usage`: of a pre- or postprocessor."""

    name: str
    effect: str
    flow: Flow
    function: str
    arguments: tuple[str, ...]
    summary: str
    usage: str = ""

    @property
    def schema(self) -> str:
        """The template of its config class."""
        return "multimode" if self.flow == "multimode" else self.effect

    @property
    def takes_video(self) -> bool:
        """Whether it needs an input to show something."""
        return self.flow in ("filter", "model")


_DUOTONE = ("duotone", "filter", "duotone", ("amount", "hue", "paper"))
_WAVES = ("speed", "scale", "hue")
KINDS = {
    kind.name: kind
    for kind in (
        Kind("generator", "waves", "generator", "waves", _WAVES, "Draws waves of color from nothing but time"),
        Kind("filter", *_DUOTONE, "Prints video in two colors"),
        Kind(
            "preprocessor",
            "edges",
            "filter",
            "edges",
            ("amount", "gain", "invert"),
            "Draws the edges of video as a control map",
            usage="PREPROCESSOR",
        ),
        Kind("postprocessor", *_DUOTONE, "Prints the finished picture in two colors", usage="POSTPROCESSOR"),
        Kind("model", "depth", "model", "shade", ("amount", "near"), "Shows depth, seen by Depth Anything V2"),
        Kind("multimode", "waves_over", "multimode", "waves", _WAVES, "Draws waves of color, alone or over video"),
    )
}


def files_of(kind: Kind, place: Place) -> Mapping[str, str]:
    """Templates by the path that they are written to; both may hold placeholders."""
    source = "src/${package}"
    files = {
        "pyproject.toml": f"{place}/pyproject.toml",
        "README.md": f"{place}/README.md",
        "CHANGELOG.md": "common/CHANGELOG.md",
        "LICENSE": "common/LICENSE",
        f"{source}/__init__.py": "common/init.py",
        f"{source}/py.typed": "common/py.typed",
        f"{source}/schema.py": f"schema/{kind.schema}.py",
        f"{source}/pipeline.py": f"pipeline/{kind.flow}.{place}.py",
        "tests/test_contract.py": "common/test_contract.py",
        "tests/test_effect.py": f"effect/test_{kind.effect.removesuffix('_over')}.py",
        "tests/test_readme.py": "common/test_readme.py",
    }
    files |= _effect(kind, source)
    return files | (_standalone(source) if place == "standalone" else {})


def _effect(kind: Kind, source: str) -> dict[str, str]:
    if kind.name != "model":
        return {f"{source}/effect.py": f"effect/{kind.effect}.py"}
    return {
        f"{source}/effect.py": "effect/depth.py",
        f"{source}/model/__init__.py": "effect/model_init.py",
        f"{source}/model/inference.py": "effect/inference.py",
    }


def _standalone(source: str) -> dict[str, str]:
    return {
        f"{source}/frames.py": "standalone/frames.py",
        f"{source}/parameters.py": "standalone/parameters.py",
        ".gitignore": "standalone/gitignore",
        ".python-version": "standalone/python-version",
        ".github/workflows/test.yml": "standalone/test.yml",
    }
