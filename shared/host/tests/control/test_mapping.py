"""Knobs and pads move what they are mapped to, and nothing jumps."""

import pytest

from scope.control.mapping import Fire, Light, Mapper, Move, midi_input
from scope.control.modulation import Field

FIELDS = {"fx": {"bloom": Field(0.0, 0.0, 1.0), "segments": Field(6, 2, 16, whole=True)}}
CHOICES = {"fx": {"mirror": ["off", "left", "right"], "invert": (False, True)}}
KNOB, PAD = "midi:1:cc:21", "midi:1:note:60"


def mapper(*mappings):
    return Mapper(mappings, FIELDS, CHOICES)


@pytest.mark.parametrize(
    ("message", "read"),
    [
        ([0xB0, 21, 0], (KNOB, 0.0)),
        ([0xBF, 7, 127], ("midi:16:cc:7", 1.0)),
        ([0x90, 60, 10], (PAD, 1.0)),
        ([0x90, 60, 0], (PAD, 0.0)),
        ([0x80, 60, 64], (PAD, 0.0)),
        ([0xE1, 127, 127], ("midi:2:bend", 1.0)),
        ([0xD0, 127], ("midi:1:pressure", 1.0)),
        ([0xC0, 5], ("midi:1:program:5", 1.0)),
        ([0xB0, 21], None),
        ([0xF8], None),
    ],
)
def test_midi_messages_are_inputs(message, read):
    assert midi_input(message) == read


def test_a_knob_catches_its_field_before_it_moves_it():
    knob = mapper({"input": KNOB, "stage": "fx", "field": "bloom"})
    values = {"fx": {"bloom": 0.5}}
    assert knob.moved(KNOB, 0.1, values) == []
    assert knob.moved(KNOB, 0.4, values) == []
    assert knob.moved(KNOB, 0.6, values) == [Move("fx", "bloom", 0.6)]
    values["fx"]["bloom"] = 0.6
    assert knob.moved(KNOB, 0.9, values) == [Move("fx", "bloom", 0.9)]


def test_a_field_that_another_hand_moved_has_to_be_caught_again():
    knob = mapper({"input": KNOB, "stage": "fx", "field": "bloom"})
    values = {"fx": {"bloom": 0.5}}
    assert knob.moved(KNOB, 0.5, values) == [Move("fx", "bloom", 0.5)]
    values["fx"]["bloom"] = 0.1
    assert knob.moved(KNOB, 0.6, values) == []
    assert knob.moved(KNOB, 0.05, values) == [Move("fx", "bloom", 0.05)]


def test_a_mapping_may_have_its_own_range_and_whole_numbers_stay_whole():
    knob = mapper({"input": KNOB, "stage": "fx", "field": "segments", "low": 4, "high": 8})
    assert knob.moved(KNOB, 0.5, {"fx": {"segments": 6}}) == [Move("fx", "segments", 6)]


def test_a_knob_on_a_menu_walks_through_it_and_a_pad_steps():
    knob = mapper({"input": KNOB, "stage": "fx", "field": "mirror"})
    assert [knob.moved(KNOB, at, {})[0].value for at in (0.0, 0.5, 1.0)] == ["off", "left", "right"]
    pad = mapper({"input": PAD, "stage": "fx", "field": "mirror"})
    assert pad.moved(PAD, 1.0, {"fx": {"mirror": "right"}}) == [Move("fx", "mirror", "off")]
    assert pad.moved(PAD, 0.0, {"fx": {"mirror": "off"}}) == []


def test_a_pad_toggles_and_fires_scenes_when_it_is_pressed():
    pads = mapper({"input": PAD, "stage": "fx", "field": "invert"}, {"input": PAD, "action": "scene:night"})
    assert pads.moved(PAD, 1.0, {}) == [Move("fx", "invert", True), Fire("scene:night")]
    assert pads.moved(PAD, 0.0, {}) == []
    assert pads.moved(PAD, 1.0, {"fx": {"invert": True}}) == [Move("fx", "invert", False), Fire("scene:night")]


def test_a_pad_holds_a_number_while_it_is_pressed_and_gives_it_back():
    pad = mapper({"input": PAD, "stage": "fx", "field": "bloom", "high": 0.8})
    assert pad.moved(PAD, 1.0, {"fx": {"bloom": 0.3}}) == [Move("fx", "bloom", 0.8)]
    assert pad.moved(PAD, 0.0, {"fx": {"bloom": 0.8}}) == [Move("fx", "bloom", 0.3)]
    assert pad.moved(PAD, 0.0, {"fx": {"bloom": 0.3}}) == []


def test_a_program_goes_to_its_scene_each_time_it_is_chosen():
    programs = mapper({"input": "midi:1:program:5", "action": "scene:night"})
    assert [programs.moved("midi:1:program:5", 1.0, {}) for _ in range(2)] == [[Fire("scene:night")]] * 2


def test_mappings_to_what_is_gone_do_nothing():
    gone = mapper({"input": KNOB, "stage": "fx", "field": "gone"}, {"input": KNOB, "stage": "x", "field": "bloom"})
    assert gone.moved(KNOB, 0.5, {}) == []
    assert gone.lights({}) == []


def test_lights_show_where_fields_stand():
    lit = mapper({"input": KNOB, "stage": "fx", "field": "bloom"}, {"input": PAD, "stage": "fx", "field": "invert"})
    values = {"fx": {"bloom": 1.0, "invert": True}}
    assert lit.lights(values) == [Light((0xB0, 21, 127)), Light((0x90, 60, 127))]
    assert lit.lights({})[0] == Light((0xB0, 21, 0))
    unlit = mapper(*({"input": name, "stage": "fx", "field": "bloom"} for name in ("midi:1:bend", "midi:x", "osc:/a")))
    assert unlit.lights({}) == []
