"""A schema put together from parts: fields, places in the panel, clashes."""

from typing import ClassVar

import pytest
from pydantic import BaseModel

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_gpu.plugin.controls import choice, seed, slider, unit_slider
from scope_gpu.plugin.schema import FieldClashError, with_fields


class Glow(BaseModel):
    group: ClassVar[str] = "Light"

    glow: float = unit_slider("Glow", "How much")
    glow_width: int = slider("Glow width", "How wide", 3, 1, 9)


class Fog(BaseModel):
    fog: float = unit_slider("Fog", "How thick", order=5)


@with_fields([Glow, Fog], menus={"sky": ["clear", "grey"]})
class Config(BasePipelineConfig):
    """Weather."""

    pipeline_id = "weather"
    pipeline_name = "Weather"
    pipeline_description = "Weather."
    base_seed: int = seed("Which weather")
    sky: str = choice("Sky", "What is above", "clear")


def test_the_fields_of_all_parts_are_there_with_types_bounds_and_defaults():
    values = Config().model_dump()
    assert [values[name] for name in ("glow", "glow_width", "fog", "base_seed")] == [0.0, 3, 0.0, 42]
    width = Config.model_json_schema()["properties"]["glow_width"]
    assert (width["type"], width["minimum"], width["maximum"]) == ("integer", 1, 9)


def test_controls_stand_in_the_order_of_the_list_unless_they_name_a_place():
    properties = Config.model_json_schema()["properties"]
    orders = {name: properties[name]["ui"]["order"] for name in ("glow", "glow_width", "fog", "base_seed", "sky")}
    assert orders == {"glow": 10, "glow_width": 11, "fog": 5, "base_seed": 30, "sky": 31}


def test_a_menu_offers_the_names_of_its_list():
    assert Config.model_json_schema()["properties"]["sky"]["enum"] == ["clear", "grey"]


def test_the_class_keeps_its_name_module_description_and_metadata():
    assert (Config.__name__, Config.__module__, Config.__doc__) == ("Config", __name__, "Weather.")
    assert Config.get_pipeline_metadata()["id"] == "weather"


def test_the_parts_stay_as_they_are():
    assert "order" not in Glow.model_json_schema()["properties"]["glow"]["ui"]


@pytest.mark.parametrize("parts", [[Glow, Glow], [Glow, type("Other", (Fog,), {"__annotations__": {"height": int}})]])
def test_two_fields_of_one_name_are_refused(parts):
    with pytest.raises(FieldClashError, match=r"^Probe: \w+ adds '(glow|height)', a field that is there already$"):

        @with_fields(parts)
        class Probe(BasePipelineConfig):
            pass


def test_controls_of_a_part_with_a_group_belong_to_that_section():
    properties = Config.model_json_schema()["properties"]
    sections = {name: properties[name]["ui"].get("group") for name in ("glow", "glow_width", "fog", "sky")}
    assert sections == {"glow": "Light", "glow_width": "Light", "fog": None, "sky": None}
