"""Knobs and pads move what they are mapped to, and nothing jumps."""

import re

import pytest

from scope.control.mapping import Fire, Light, Mapper, Move, midi_input
from scope.control.modulation import Field
from scope.control.setup import SetupError, check_setup

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


@pytest.mark.parametrize(
    ("encoding", "right", "left"),
    [
        ("twos-complement", 1, 127),
        ("signed-bit", 1, 65),
        ("signed-bit-2", 65, 1),
        ("binary-offset", 65, 63),
    ],
)
def test_an_endless_encoder_goes_on_from_where_the_field_stands(encoding, right, left):
    def turned(value, field, now):
        one = {"input": KNOB, "stage": "fx", "field": field, "encoding": encoding}
        return [move.value for move in mapper(one).moved(KNOB, value / 127, {"fx": {field: now}})]

    assert turned(right, "bloom", 0.5) == pytest.approx([0.5 + 1 / 127])
    assert turned(left, "bloom", 0.5) == pytest.approx([0.5 - 1 / 127])
    assert turned(left, "bloom", 0.0) == [0.0]
    assert (turned(right, "segments", 6), turned(left, "segments", 6)) == ([7], [5])
    assert (turned(right, "mirror", "left"), turned(right, "mirror", "right")) == (["right"], ["right"])
    assert (turned(right, "invert", False), turned(left, "invert", True)) == ([True], [False])
    fires = mapper({"input": KNOB, "action": "cue:go", "encoding": encoding})
    assert fires.moved(KNOB, right / 127, {}) == [Fire("cue:go")]
    assert fires.moved(KNOB, left / 127, {}) == []


def test_an_encoder_that_is_turned_fast_takes_several_steps():
    fast = mapper({"input": KNOB, "stage": "fx", "field": "bloom", "encoding": "twos-complement"})
    assert [move.value for move in fast.moved(KNOB, 10 / 127, {})] == pytest.approx([10 / 127])
    assert fast.moved(KNOB, 64 / 127, {"fx": {"bloom": 0.9}}) == [Move("fx", "bloom", 1.0)]


def test_a_pair_of_control_changes_moves_a_field_in_16384_steps():
    pair = mapper({"input": KNOB, "stage": "fx", "field": "bloom", "encoding": "14-bit"})
    values = {"fx": {"bloom": (128 * 64 + 5) / 16383}}
    assert pair.moved(KNOB, 64 / 127, values) == []
    (move,) = pair.moved("midi:1:cc:53", 5 / 127, values)
    assert move == Move("fx", "bloom", (128 * 64 + 5) / 16383)
    assert pair.moved(KNOB, 64 / 127, values) == []
    (move,) = pair.moved("midi:1:cc:53", 6 / 127, values)
    assert move.value == (128 * 64 + 6) / 16383


@pytest.mark.parametrize(
    ("encoding", "name", "told"),
    [
        ("14-bit", "midi:1:cc:40", "encoding '14-bit' is for midi:<channel>:cc:0 to :31"),
        ("signed-bit", "midi:1:bend", "encoding 'signed-bit' is for midi:<channel>:cc:<number>, not for 'midi:1:bend'"),
        ("twos", KNOB, "mappings[0].encoding: expected"),
    ],
)
def test_an_input_that_cannot_be_read_so_is_refused_in_a_sentence(encoding, name, told):
    mapping = {"input": name, "stage": "fx", "field": "bloom", "encoding": encoding}
    with pytest.raises(SetupError, match=re.escape(told)):
        check_setup({"scope": 1, "mappings": [mapping]})


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
