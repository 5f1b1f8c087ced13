"""The command line of `scope bench plugins`."""

import argparse
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope_testkit.bench import report
from scope_testkit.bench.measure import Subject, clones_of, measure, subject_of
from scope_testkit.bench.peers import peers
from scope_testkit.bench.rows import ROWS
from scope_testkit.inputs import photo_clip


def run(arguments: Sequence[str]) -> int:
    """Measure what is installed, print the table, and write it as JSON where that is asked for."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    film = photo_clip(8, options.size)
    clone, cached = clones_of(film[0], device)
    subjects = [clone, cached, *_subjects(options, film, device)]
    subjects += [peer for peer in peers(film[0], device) if options.only in peer.name]
    with torch.inference_mode():
        measure(subjects, options.rounds, device, time.thread_time if options.cpu_time else time.perf_counter)
    about = report.conditions(options.size, options.rounds, device)
    about["clock"] = "CPU time of one thread" if options.cpu_time else "wall"
    print(report.table(subjects, clone))
    print(report.LEGEND)
    print(", ".join(f"{name} {value}" for name, value in about.items() if name != "versions"))
    if options.json:
        report.write(options.json, subjects, clone, about)
    return 0


def _subjects(options: argparse.Namespace, film: list[torch.Tensor], device: torch.device) -> list[Subject]:
    registry = Registry()
    load_plugins(registry)
    height, width = options.size
    found = []
    for row in ROWS:
        pipeline: Any = registry.get(row.pipeline)
        if pipeline is not None and options.only in row.name:
            found.append(subject_of(row, pipeline(device=device, height=height, width=width), film))
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scope bench plugins", description=__doc__)
    parser.add_argument("--size", type=_size, default=(720, 1280), help="WxH of the frames (1280x720)")
    parser.add_argument("--rounds", type=int, default=20, help="how often everything is measured (20)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch on the CPU (1)")
    parser.add_argument(
        "--cpu-time", action="store_true", help="count what the thread computes, not what it waits: for a busy machine"
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (cpu)")
    parser.add_argument("--only", default="", help="only rows whose name contains this, such as 'fx: bloom'")
    parser.add_argument("--json", type=Path, help="a file for the figures and all they depend on")
    return parser


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected WxH such as 1280x720, got {text!r}")
    return int(match[2]), int(match[1])
