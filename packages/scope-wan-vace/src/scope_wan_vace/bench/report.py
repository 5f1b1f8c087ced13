"""The benchmark's figures as a table and as JSON."""

import json
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import torch

from scope_wan_vace.bench.flops import H100_TFLOPS
from scope_wan_vace.bench.measure import Result
from scope_wan_vace.bench.micro import Part
from scope_wan_vace.bench.options import Options
from scope_wan_vace.bench.rows import Row

STAGES = ("encode", "denoise", "clean", "decode")


def conditions(result: Result, arguments: Sequence[str]) -> dict[str, str]:
    """Where, when and with what the figures were taken."""
    return {
        "command": shlex.join(["scope", "bench", "wan", *arguments]),
        "card": result.device,
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}, CUDA {torch.version.cuda}, "
        f"cuDNN {torch.backends.cudnn.version()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def table(options: Options, result: Result, arguments: Sequence[str] = ()) -> str:
    """Conditions, the parts with their targets, and the whole."""
    rows = {
        **conditions(result, arguments),
        "picture": f"{options.width}x{options.height}, {options.steps} steps, {options.vae}",
        "end to end": f"{result.frames_per_second:.2f} frames/s, {result.chunk_ms:.2f} ms a chunk",
        **{name: f"{result.stage_ms.get(name, 0.0):.2f} ms" for name in STAGES},
        "switch": f"{result.switch_ms:.2f} ms from a new prompt to its first pictures",
        "peak memory": f"{result.peak_memory_gb:.2f} GB",
        "arithmetic": f"{result.chunk_tflop:.4g} TFLOP a chunk, {result.tflops:.4g} TFLOP/s",
        "of an H100": f"{share(result.tflops)} of {H100_TFLOPS:.0f} TFLOP/s",
    }
    whole = "\n".join(f"{name:<12}{value}" for name, value in rows.items())
    return f"{whole}\n\n{parts_table(result.parts)}"


def parts_table(parts: Sequence[Part]) -> str:
    """One line a micro-benchmark."""
    head = f"{'part':<22}{'ms':>9}{'TFLOP/s':>10}{'of an H100':>12}{'target ms':>11}"
    lines = [head]
    for part in parts:
        rate = part.tflop / (part.milliseconds / 1000) if part.tflop else None
        figures = ("", "") if rate is None else (f"{rate:.4g}", share(rate))
        lines.append(f"{part.name:<22}{part.milliseconds:>9.3f}{figures[0]:>10}{figures[1]:>12}{part.target:>11.2f}")
    return "\n".join([*lines, "targets: one H100, 832x480, longlive, lighttae"])


def rows_json(asked: Options, found: Sequence[tuple[Row, Result]], arguments: Sequence[str]) -> str:
    """Every row, for machines."""
    rows = [{**asdict(row), "result": _result(result)} for row, result in found]
    content = {"conditions": conditions(found[0][1], arguments), "options": asdict(asked), "rows": rows}
    return json.dumps(content | {"ceiling_tflops": H100_TFLOPS, "python": sys.version}, indent=2)


def _result(result: Result) -> dict[str, Any]:
    return {**asdict(result), "parts": [part._asdict() for part in result.parts], "tflops": result.tflops}


def share(tflops: float) -> str:
    """Share of the ceiling in percent."""
    return f"{100 * tflops / H100_TFLOPS:.2g} %"


def as_json(options: Options, result: Result, arguments: Sequence[str]) -> str:
    """Everything, for machines."""
    content: dict[str, Any] = {
        "conditions": conditions(result, arguments),
        "options": asdict(options),
        "result": _result(result),
        "ceiling_tflops": H100_TFLOPS,
        "python": sys.version,
    }
    return json.dumps(content, indent=2)
