"""`scope bench host`: frames a second of chains without a server, and latency from glass to glass with one.

scope bench host --json host.json
scope bench host --only live --sizes 512x512 --ways jpeg --stages 0
scope bench host --soak 30
scope bench host --everything 10
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scope.bench import chains, everything, live, soak
from scope.bench.figures import machine
from scope.bench.served import BenchError

SIZES = ((512, 512), (1280, 720), (1920, 1080))


def run(arguments: Sequence[str]) -> int:
    """Measure and print; the exit code."""
    options = parse(arguments)
    if options.soak is not None:
        return soak.run(options.soak)
    if options.everything is not None:
        return everything.run(options.everything)
    report: dict[str, Any] = {"machine": machine(), "command": " ".join(["scope bench host", *arguments])}
    for name, value in (report["machine"] | {"command": report["command"]}).items():
        print(f"{name:<10}{value}")
    code = 0
    try:
        for part in ("chains", "live"):
            report[part] = _printed(part, options) if options.only in (None, part) else []
    except BenchError as error:
        print(error, file=sys.stderr)
        code = 1
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return code


def _printed(part: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    print(f"\n{_HEADS[part]}")
    rows = []
    for measured in _chains(options) if part == "chains" else _live(options):
        rows.append({"kind": type(measured).__name__} | asdict(measured))
        print(_line(measured), flush=True)
    return rows


def _chains(options: argparse.Namespace) -> Iterator[chains.Row]:
    return chains.measure(options.sizes, options.seconds)


def _live(options: argparse.Namespace) -> Iterator[live.Row | live.ChangeRow]:
    return live.measure(live.Plan(options.sizes, options.ways, options.routes, options.stages, options.seconds))


_HEADS = {
    "chains": f"{'where':<14}{'chain':<13}{'size':<11}{'frames/s':>9}{'ms p50':>9}{'ms p95':>9}",
    "live": f"{'from':<8}{'way':<8}{'stages':<8}{'size':<11}{'ms p50':>9}{'ms p95':>9}{'frames/s':>9}"
    "  % of a core: server, engine, browser",
}


def _line(row: chains.Row | live.Row | live.ChangeRow) -> str:
    match row:
        case chains.Row():
            figures = f"{row.fps:>9.1f}{row.ms_p50:>9.2f}{row.ms_p95:>9.2f}"
            return f"{row.where:<14}{row.chain:<13}{row.size:<11}{figures}"
        case live.Row():
            cpu = ", ".join(f"{share:.0f}" for share in row.cpu.values())
            notes = [f"shown at {row.shown}"] * (row.shown != row.size) + [f"{row.unread} unread"] * (row.unread > 0)
            latency = f"{row.ms_p50:>9.1f}{row.ms_p95:>9.1f}{row.fps:>9.1f}"
            return f"{row.route:<8}{row.way:<8}{row.stages:<8}{row.size:<11}{latency}  {'; '.join([cpu, *notes])}"
        case live.ChangeRow():
            latency = f"{row.ms_p50:>9.1f}{row.ms_p95:>9.1f}{'':>9}"
            note = f"{row.intervals_p50:.1f} intervals, {row.changes} changes"
            return f"{'change':<8}{row.way:<8}{1:<8}{row.size:<11}{latency}  {note}"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Options from the command line."""
    parser = argparse.ArgumentParser(prog="scope bench host", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=("chains", "live"), help="one of the two parts")
    parser.add_argument("--sizes", type=size_of, nargs="+", default=list(SIZES), metavar="WxH")
    parser.add_argument("--ways", choices=live.WAYS, nargs="+", default=live.WAYS, help="how pictures travel")
    parser.add_argument("--routes", choices=live.ROUTES, nargs="+", default=live.ROUTES, help="where they are made")
    parser.add_argument("--stages", type=int, choices=tuple(live.CHAINS), nargs="+", default=tuple(live.CHAINS))
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="play for so long and watch the memory instead")
    parser.add_argument("--everything", type=float, metavar="MINUTES", help="the same with a whole show, and its beat")
    parser.add_argument("--json", type=Path, help="write the tables there as well")
    return parser.parse_args(arguments)


def size_of(text: str) -> tuple[int, int]:
    """`512x512` as (512, 512)."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a size as WxH, got {text!r}")
    return int(width), int(height)
