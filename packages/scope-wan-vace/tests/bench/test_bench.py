"""The benchmark's arithmetic and its smallest run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from scope_wan_vace.bench import run
from scope_wan_vace.bench.flops import codec_cost, forward_cost, frame_tokens, vace_cost
from scope_wan_vace.bench.options import Options, parse
from scope_wan_vace.bench.rows import MAIN_ROW, ROWS, line
from scope_wan_vace.bench.subjects import random_codec
from scope_wan_vace.catalogue import VaeType
from scope_wan_vace.model.config import WAN_1_3B
from scope_wan_vace.model.dit import Block
from scope_wan_vace.model.kv import LayerCache, Segment
from scope_wan_vace.stream.control import Control

FRAME = frame_tokens(WAN_1_3B, 480, 832)


def test_costs_are_those_of_the_paper_arithmetic():
    assert FRAME == 1560
    window21, window12 = (forward_cost(WAN_1_3B, 3 * FRAME, frames * FRAME) for frames in (21, 12))
    assert window21.linear == pytest.approx(11.70, abs=0.01)
    assert window21.cross_attention == pytest.approx(0.44, abs=0.01)
    assert window21.self_attention == pytest.approx(28.26, abs=0.01)
    assert window12.self_attention == pytest.approx(16.15, abs=0.01)
    assert 5 * window21.total == pytest.approx(202, abs=0.5)
    assert 5 * window12.total == pytest.approx(141.5, abs=0.1)
    assert vace_cost(WAN_1_3B, 3 * FRAME).total == pytest.approx(8.4, abs=0.05)


@torch.inference_mode()
def test_formula_equals_the_count_of_a_full_size_block():
    tokens, visible, heads = 3 * FRAME, 12 * FRAME, (WAN_1_3B.heads, WAN_1_3B.head_dim)
    with torch.device("meta"):
        block = Block(WAN_1_3B)
        x, time = torch.empty(1, tokens, WAN_1_3B.dim), torch.empty(1, 3, 6, WAN_1_3B.dim)
        rope = (torch.empty(tokens, 1, 64), torch.empty(tokens, 1, 64))
        cache = LayerCache(*(torch.empty(1, visible, *heads) for _ in range(2)))
        text = (torch.empty(1, 512, *heads), torch.empty(1, 512, *heads))
        segment = Segment(torch.empty(tokens, dtype=torch.int64), visible)
    with FlopCounterMode(display=False) as counter:
        block(x, time, rope, text, cache, segment)
    expected = forward_cost(WAN_1_3B, tokens, visible).total / WAN_1_3B.layers
    assert counter.get_total_flops() / 1e12 == pytest.approx(expected, rel=1e-6)


@torch.inference_mode()
@pytest.mark.parametrize("with_control", [False, True])
def test_a_chunk_is_one_forward_a_step_and_one_for_the_clean_pass(wan, session, asked, with_control):
    config, frame = wan.dit.config, frame_tokens(wan.dit.config, 32, 48)
    given = {"control": Control(torch.zeros(1, 3, 12, 32, 48))} if with_control else {}
    for _ in range(session.ring.slots + 1):
        session.generate(replace(asked, **given) if session.frame else asked)
    with FlopCounterMode(display=False) as counter:
        session.generate(replace(asked, **given))
    counts = counter.get_flop_counts()
    main = sum(sum(counts[f"Dit.blocks.{layer}"].values()) for layer in range(config.layers))
    # The counter does not know the CPU's attention kernel, so what it counts are the linear layers.
    expected = 5 * forward_cost(config, 3 * frame, wan.stream.window * frame).linear
    assert main / 1e12 == pytest.approx(expected, rel=1e-6)
    if with_control:
        branch = sum(counts["VaceBranch"].values()) / 1e12
        assert branch == pytest.approx(5 * vace_cost(config, 3 * frame).linear, rel=1e-6)


@pytest.mark.parametrize(
    ("vae", "encode", "decode"), [(VaeType.WAN, 24.2, 40.7), (VaeType.LIGHTVAE, 1.6, 2.6), (VaeType.LIGHTTAE, 0.7, 1.6)]
)
def test_codecs_cost_what_the_paper_arithmetic_says(vae, encode, decode):
    codec = random_codec(Options(vae=vae), torch.device("meta"), torch.bfloat16)
    cost = codec_cost(codec, 3, 480, 832)
    assert cost.encode == pytest.approx(encode, abs=0.06)
    assert cost.decode == pytest.approx(decode, abs=0.06)


def test_the_tables_of_the_readme_are_the_rows_that_are_measured():
    """Arithmetic and targets; the cells of what was measured stay as they are."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = {" ".join(text.split()).rsplit("|", 2)[0] for text in readme.splitlines() if text.startswith("| ")}
    for row in ROWS:
        assert " ".join(line(row, Options(random_weights=True)).split()).rsplit("|", 2)[0] in lines


def test_rows_are_run_one_after_another_and_written_down_with_a_trace_each(monkeypatch, capsys, tmp_path):
    chosen = (MAIN_ROW, ROWS[-1])
    monkeypatch.setattr("scope_wan_vace.bench.rows.ROWS", chosen)
    given = ["--tiny", "--all", "--chunks", "1", "--steps", "1", "--window", "6"]
    assert run([*given, "--json", str(tmp_path / "all.json"), "--profile", str(tmp_path / "trace.json")]) == 0
    found = json.loads((tmp_path / "all.json").read_text())["rows"]
    assert [(row["mode"], row["vae"]) for row in found] == [(row.mode, row.vae) for row in chosen]
    assert all(row["result"]["frames_per_second"] > 0 for row in found)
    assert [bool(row["result"]["parts"]) for row in found] == [True, False]
    assert sorted(path.name for path in tmp_path.glob("trace-*.json")) == ["trace-1.json", "trace-2.json"]
    printed = capsys.readouterr().out
    assert printed.count("measured, cpu") == 2
    assert "| VACE, lighttae or tae |" in printed


def test_the_smallest_run_prints_the_tables_and_writes_what_was_asked_for(capsys, tmp_path):
    figures, trace = tmp_path / "figures.json", tmp_path / "trace.json"
    options = ["--tiny", "--chunks", "1", "--steps", "1", "--vace", "--window", "6"]
    assert run([*options, "--json", str(figures), "--profile", str(trace)]) == 0
    printed = capsys.readouterr().out
    for name in ("end to end", "encode", "denoise", "clean", "decode", "switch", "peak memory", "arithmetic"):
        assert name in printed
    for name in ("attention", "products of a block", "block without both", "of an H100", "target ms"):
        assert name in printed
    assert "scope bench wan --tiny" in printed
    assert "0.00 ms" not in printed
    found = json.loads(figures.read_text())
    assert found["conditions"]["card"] == "cpu"
    assert {part["name"] for part in found["result"]["parts"]} >= {"attention", "block", "decode"}
    assert json.loads(trace.read_text())["traceEvents"]


def test_options_come_from_the_command_line():
    assert parse(["--width", "576", "--vae", "wan"]) == Options(width=576, vae=VaeType.WAN)


def test_a_folder_that_is_not_there_is_said_before_anything_is_measured(capsys, tmp_path):
    with pytest.raises(SystemExit):
        run(["--tiny", "--json", str(tmp_path / "none" / "figures.json")])
    assert "there is no folder for" in capsys.readouterr().err


def test_a_size_that_does_not_fit_is_said_and_not_raised(capsys):
    assert run(["--random-weights", "--width", "100"]) == 1
    assert "multiples of 16, got 100x480; the nearest is 96x480" in capsys.readouterr().out
