"""`scope render --setup`: a set-up document gives the same pictures as the flags that mean the same."""

import json
from fractions import Fraction

import pytest
import torch

from scope.batch.setup import graph_of
from scope.cli.console import installed
from scope.media import open_sink, open_source


def pictures(pattern):
    with open_source(pattern) as source:
        return torch.stack([picture.pixels for picture in source])


@pytest.fixture
def clip(tmp_path):
    """Ten grey frames at 10 a second, ever brighter, 32x32."""
    path = tmp_path / "in.mp4"
    with open_sink(path, rate=Fraction(10)) as sink:
        for i in range(10):
            sink.write(torch.full((1, 32, 32, 3), (i + 1) / 10))
    return path


@pytest.fixture
def write(tmp_path):
    """Write a set-up document; `stages` by themselves, or whole fields."""

    def to_file(*stages, **fields):
        path = tmp_path / "setup.json"
        path.write_text(json.dumps({"scope": 1, "stages": list(stages), **fields}))
        return path

    return to_file


@pytest.fixture
def render(scope, tmp_path):
    """Render and return the frames."""

    def run(name, *arguments):
        outcome = scope("render", *arguments, "--output", tmp_path / f"{name}_%04d.png")
        assert outcome.code == 0, outcome.err
        return pictures(tmp_path / f"{name}_%04d.png")

    return run


def test_a_chain_looks_as_with_flags(render, write, clip):
    setup = write(
        {"id": "fx", "pipeline": "fx", "role": "main", "values": {"bloom": 0.7, "grade_hue": 40}},
        {"id": "soft", "pipeline": "dim-test", "role": "post", "values": {"level": 0.5}},
        {"id": "off", "pipeline": "dim-test", "role": "post", "values": {"level": 0.0}, "on": False},
        source={"kind": "file", "path": str(clip), "width": 48, "height": 24, "fps": 5},
    )
    flags = ("fx", "--input", clip, "--post", "dim-test", "--set", "bloom=0.7", "--set", "grade_hue=40")
    by_flags = render("a", *flags, "--set", "dim-test.level=0.5", "--size", "48x24", "--fps", 5)
    assert torch.equal(render("b", "--setup", setup), by_flags)
    assert by_flags.shape == (5, 24, 48, 3)


def test_a_generator_has_its_prompt_and_load_parameters(render, write):
    setup = write(
        {"id": "glow", "pipeline": "glow-test", "load": {"width": 32, "height": 16, "base_seed": 255}},
        prompts=[{"text": "a red sun"}],
    )
    flags = ("glow-test", "--size", "32x16", "--seed", 255, "--prompt", "a red sun", "--frames", 2)
    assert torch.equal(render("b", "--setup", setup, "--frames", 2), render("a", *flags))


def test_flags_lie_over_the_document(render, write, clip):
    setup = write({"id": "dim", "pipeline": "dim-test", "values": {"level": 0.0}}, source={"kind": "camera"})
    frames = render("a", "--setup", setup, "--input", clip, "--frames", 3, "--at", "0.1s", "dim.level=1")
    assert [frame.float().mean() > 0 for frame in frames] == [False, True, True]


def test_waves_and_beats_move_fields_as_they_do_live(render, write, clip):
    setup = write(
        {"id": "dim", "pipeline": "dim-test", "values": {"level": 0.0}},
        source={"kind": "file", "path": str(clip)},
        tempo={"source": "internal", "bpm": 300},
        modulation=[{"stage": "dim", "field": "level", "wave": "square", "depth": 1.0}],
    )
    frames = render("a", "--setup", setup)
    assert [bool(frame.any()) for frame in frames] == [True, False] * 5


def test_a_timeline_fades_switches_and_prompts(render, write, clip):
    on = {"stage": "dim", "set": {}, "on": True}
    setup = write(
        {"id": "dim", "pipeline": "dim-test", "values": {"level": 0.0}, "on": False},
        source={"kind": "file", "path": str(clip)},
        timeline=[
            {"at": 0.2, **on},
            {"at": 0.5, **on, "set": {"level": 1.0}, "fade": 0.3},
            {"at": 0.9, **on, "on": False},
        ],
    )
    levels = [float(frame.max()) / ((i + 1) / 10 * 255) for i, frame in enumerate(render("a", "--setup", setup))]
    assert levels == pytest.approx([1.0, 1.0, 0.0, 0.0, 0.0, 1 / 9, 4 / 9, 7 / 9, 1.0, 1.0], abs=0.03)


def clock(beats, *, playing=True, bpm=300.0):
    return {"bpm": bpm, "beats_per_bar": 4, "beats": beats, "playing": playing}


@pytest.mark.parametrize("source", ["internal", "off"])
def test_waves_follow_the_clock_of_a_recording_whatever_was_done_to_it(render, write, clip, source):
    setup = write(
        {"id": "dim", "pipeline": "dim-test", "values": {"level": 0.0}},
        source={"kind": "file", "path": str(clip)},
        tempo={"source": source, "bpm": 60},
        modulation=[{"stage": "dim", "field": "level", "wave": "square", "depth": 1.0}],
        timeline=[
            {"at": 0.0, "clock": clock(7.5)},
            {"at": 0.3, "clock": clock(8.25, playing=False)},
            {"at": 0.7, "clock": clock(0.0, bpm=150.0)},
        ],
    )
    lit = [bool(frame.any()) for frame in render("a", "--setup", setup)]
    assert lit == [False, True, False] + [True] * 4 + [True, True, False]


def test_a_recording_lasts_to_its_end_and_its_clip_begins_where_it_was_then(render, write, clip):
    setup = write(
        {"id": "dim", "pipeline": "dim-test", "values": {"level": 1.0}},
        source={"kind": "file", "path": str(clip)},
        timeline=[{"at": 0.0, "clock": clock(0.0), "film": 0.76}, {"at": 1.5}],
    )

    def numbers(frames):
        return [round(float(frame.max()) / 25.5) for frame in frames]

    turns = [8, 9, 10, *range(1, 11), 1, 2]
    assert numbers(render("a", "--setup", setup)) == turns
    assert numbers(render("b", "--setup", setup, "--seconds", 0.5)) == turns[:5]
    assert numbers(render("c", "--setup", setup, "--input", clip)) == list(range(1, 11))
    once = write(
        {"id": "dim", "pipeline": "dim-test", "values": {"level": 1.0}},
        source={"kind": "file", "path": str(clip), "loop": False},
        timeline=[{"at": 0.0, "film": 0.76}, {"at": 1.5}],
    )
    assert numbers(render("d", "--setup", once)) == [8, 9, 10]


@pytest.mark.usefixtures("scope")
def test_a_transition_of_a_recording_comes_with_one_call_while_the_old_prompts_go_on():
    transition = {"num_steps": 4, "temporal_interpolation_method": "linear"}
    sun, sea = [{"text": "sun", "weight": 1.0}], [{"text": "sea", "weight": 1.0}]
    moves = [{"at": 0.0, "prompts": sun}, {"at": 0.5, "prompts": sea, "transition": transition}]
    stage = {"id": "glow", "pipeline": "glow-test"}
    graph = graph_of(installed(), {"stages": [stage], "timeline": [{"stage": None, **move} for move in moves]})
    told = [(setting.time, setting.name, setting.value) for setting in graph.nodes[0].settings]
    assert told == [
        (0.0, "prompt", "sun"),
        (0.0, "prompts", sun),
        (0.5, "transition", transition | {"target_prompts": sea}),
    ]


def test_a_list_of_cues_plays_instead_of_recorded_moves(render, write, clip):
    bright, dark = ({"id": i, "name": i, "values": {"dim": {"level": v}}} for i, v in (("bright", 1.0), ("dark", 0.0)))
    items = [{"id": i, "scene": scene, "wait": 0.3} for i, scene in (("a", "dark"), ("b", "bright"))]
    setup = write(
        {"id": "dim", "pipeline": "dim-test", "values": {"level": 0.5}},
        source={"kind": "file", "path": str(clip)},
        timeline=[{"at": 0.0, "stage": "dim", "set": {"level": 0.1}}],
        scenes=[bright, dark],
        cues={"loop": True, "items": items},
    )
    frames = render("a", "--setup", setup, "--cues")
    assert [bool(frame.any()) for frame in frames] == [False] * 3 + [True] * 3 + [False] * 3 + [True]


def test_a_generator_plays_its_list_of_cues_once(render, write):
    scenes = [{"id": "red", "name": "Red", "prompts": [{"text": "a red sun"}]}]
    setup = write(
        {"id": "glow", "pipeline": "glow-test", "load": {"width": 32, "height": 16}},
        scenes=scenes,
        cues={
            "loop": True,
            "items": [{"id": "a", "scene": "none", "wait": 0.2}, {"id": "b", "scene": "red", "wait": 0.3}],
        },
    )
    frames = render("a", "--setup", setup, "--cues", "--fps", 10)
    assert [int(frame[..., 0].max()) for frame in frames] == [0, 26, 255, 255, 255]
    assert len(render("b", "--setup", setup, "--cues", "--fps", 10, "--frames", 7)) == 7


def test_prompts_of_a_timeline_come_at_their_time(render, write):
    setup = write(
        {"id": "glow", "pipeline": "glow-test", "load": {"width": 32, "height": 16}},
        timeline=[{"at": 0.2, "prompts": [{"text": "a red sun"}]}],
    )
    frames = render("a", "--setup", setup, "--fps", 10, "--frames", 4)
    assert [int(frame.max(dim=0)[0].max(dim=0)[0][0]) for frame in frames] == [0, 26, 255, 255]


@pytest.mark.parametrize(
    ("fields", "arguments", "message"),
    [
        (
            {"stages": [{"id": "a", "pipeline": "dim-test", "values": {"level": 7}}]},
            [],
            "a: parameter 'level' expected a",
        ),
        (
            {"source": {"kind": "camera"}},
            [],
            "this set-up needs pictures, and its source is 'camera', which holds none now",
        ),
        ({"source": {"kind": "none"}}, [], "this set-up needs pictures, and it has none; give an input file"),
        ({}, ["--cues"], "cues: expected at least one, got an empty list"),
        ({"scope": 99}, [], "the set-up has format 99, and this host reads format 1; update the host"),
        ({}, ["dim-test"], "give the ID of a pipeline or --setup FILE, not both"),
        ({}, ["--post", "fx"], "--pre, --post and --mode do not go with --setup, which holds the whole chain"),
    ],
)
def test_what_cannot_be_rendered_is_one_sentence(scope, write, tmp_path, fields, arguments, message):
    setup = write({"id": "a", "pipeline": "dim-test"}, **fields)
    outcome = scope("render", *arguments, "--setup", setup, "--output", tmp_path / "out.mp4")
    assert outcome.code == 2
    assert message in outcome.err
    assert not (tmp_path / "out.mp4").exists()


def test_neither_an_id_nor_a_document_is_one_sentence(scope, tmp_path):
    outcome = scope("render", "--output", tmp_path / "out.mp4")
    assert (outcome.code, outcome.err) == (2, "error: give the ID of a pipeline or --setup FILE\n")
    alone = scope("render", "dim-test", "--cues", "--output", tmp_path / "out.mp4")
    assert alone.err == "error: --cues plays the cue list of a set-up; give --setup FILE\n"
    missing = scope("render", "--setup", tmp_path / "no.json", "--output", tmp_path / "out.mp4")
    assert "no.json: No such file or directory" in missing.err
