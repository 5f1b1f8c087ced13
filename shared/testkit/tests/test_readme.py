from enum import StrEnum
from typing import Literal

import pytest
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ui_field_config
from scope_testkit import readme


class Shape(StrEnum):
    DOT = "dot"
    LINE = "line"


class Halftone(BasePipelineConfig):
    pipeline_id = "testkit-halftone"
    pipeline_name = "Halftone"
    pipeline_description = "Dots"

    amount: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="How much | of it",
        json_schema_extra=ui_field_config(order=2, label="Amount"),
    )
    shape: Shape = Field(default=Shape.DOT, description="Grain", json_schema_extra=ui_field_config(order=3))
    cells: int = Field(
        default=64, ge=1, description="Cells a row", json_schema_extra=ui_field_config(order=1, is_load_param=True)
    )
    ink: Literal["black"] | None = Field(default=None, json_schema_extra=ui_field_config())
    text: str = Field(default="", json_schema_extra=ui_field_config())
    on: bool = Field(default=True, json_schema_extra=ui_field_config())
    hidden: int = 3


ROWS = [
    "| `cells` | Cells a row | a whole number of at least 1 | `64` | load | Cells a row |",
    "| `amount` | Amount | a number from 0 to 1 | `0.5` | live | How much \\| of it |",
    "| `shape` | Grain | one of 'dot', 'line' | `dot` | live | Grain |",
    "| `ink` | Ink | 'black' or null | null | live |  |",
    "| `on` | On | true or false | true | live |  |",
    "| `text` | Text | a text | empty | live |  |",
]


def test_table_lists_the_controls_in_panel_order():
    assert readme.parameter_table(Halftone).splitlines()[2:] == ROWS


def test_update_replaces_what_stands_between_the_markers_once(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"# Halftone\n\n{readme.BEGIN}\nold\n{readme.END}\n\nAfter.\n")
    assert readme.update(path, [Halftone]) is True
    text = path.read_text()
    assert readme.parameter_table(Halftone) in text
    assert text.startswith("# Halftone\n")
    assert text.endswith("\n\nAfter.\n")
    assert "old" not in text
    assert readme.update(path, [Halftone]) is False


def test_update_with_several_pipelines_names_each(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"{readme.BEGIN}\n{readme.END}\n")
    readme.update(path, [Halftone, Halftone])
    assert path.read_text().count("### Halftone (`testkit-halftone`)") == 2


@pytest.mark.parametrize("text", ["", readme.BEGIN, f"{readme.END} {readme.BEGIN}", f"{readme.BEGIN * 2}{readme.END}"])
def test_update_without_its_markers_says_what_it_expected(tmp_path, text):
    path = tmp_path / "README.md"
    path.write_text(text)
    with pytest.raises(readme.ReadmeError, match=r"README\.md: expected one <!-- parameters:begin -->"):
        readme.update(path, [Halftone])
