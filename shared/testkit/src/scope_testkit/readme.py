"""The parameter table of a plugin's README, made from its schema so that the two cannot disagree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_testkit.fields import Field, controls_of

BEGIN = "<!-- parameters:begin -->"
END = "<!-- parameters:end -->"

_HEAD = "| Parameter | Label | Values | Default | When | What it does |\n| --- | --- | --- | --- | --- | --- |\n"


class ReadmeError(ValueError):
    """A README in which the table has no place."""


def parameter_table(config_class: type[BasePipelineConfig]) -> str:
    """The controls of a pipeline as a Markdown table that ends in a newline, in panel order.

    Only fields with `ui` metadata appear. "load" values are read once when the pipeline is loaded, "live" ones with
    every call.
    """
    return _HEAD + "".join(_row(field) for field in controls_of(config_class))


def update(readme_path: str | Path, config_classes: Sequence[type[BasePipelineConfig]]) -> bool:
    """Write the tables between the two markers of a README and tell whether that changed the file.

    With several classes each table gets a heading with the pipeline's name and id. A test that asserts
    `not update(...)` keeps the README true.

    Raises:
        ReadmeError: the file does not hold each marker once, in order.
    """
    path = Path(readme_path)
    before = path.read_text(encoding="utf-8")
    head, tail = _around_the_table(before, path)
    after = f"{head}{BEGIN}\n{_tables(config_classes)}{END}{tail}"
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return after != before


def _around_the_table(text: str, path: Path) -> tuple[str, str]:
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ReadmeError(f"{path.name}: expected one {BEGIN} and after it one {END}, each on a line of its own")
    return text.partition(BEGIN)[0], text.partition(END)[2]


def _tables(config_classes: Sequence[type[BasePipelineConfig]]) -> str:
    if len(config_classes) == 1:
        return f"\n{parameter_table(config_classes[0])}\n"
    parts = (f"### {c.pipeline_name} (`{c.pipeline_id}`)\n\n{parameter_table(c)}\n" for c in config_classes)
    return "\n" + "".join(parts)


def _row(field: Field) -> str:
    when = "load" if field.is_load else "live"
    cells = (f"`{field.name}`", field.label, field.words, _default(field.default), when, field.description)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return f"`{value}`" if value != "" else "empty"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
