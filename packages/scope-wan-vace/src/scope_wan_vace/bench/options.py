"""What the benchmark measures, from the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scope_wan_vace.catalogue import AUTOENCODERS, GENERATORS, GeneratorName, VaeType

DESCRIPTION = "Micro-benchmarks of the parts, then a stream timed after warm-up; prints a table."


@dataclass(frozen=True)
class Options:
    """What to measure.

    Attributes:
        window: latent frames of attention; None for the generator's own.
        vace: with control frames.
        video: start from input frames, which adds their encoding.
        fp8: quantise the transformer.
        random_weights: instead of the installed ones; speed does not depend on them.
        tiny: a model of a few thousand weights, to see the benchmark itself work on a CPU.
        all: every row of the README's tables, instead of one size, mode and autoencoder.
        eager: without compiled code and CUDA graphs.
        json: file for all figures.
        profile: file for a trace of three chunks, to be opened in a browser at `chrome://tracing`.
    """

    height: int = 480
    width: int = 832
    steps: int = 4
    vae: VaeType = VaeType.LIGHTTAE
    generator: GeneratorName = GeneratorName.LONGLIVE
    window: int | None = None
    vace: bool = False
    video: bool = False
    fp8: bool = False
    chunks: int = 20
    random_weights: bool = False
    tiny: bool = False
    all: bool = False
    eager: bool = False
    json: str | None = None
    profile: str | None = None


def parse(arguments: Sequence[str]) -> Options:
    """Options from the command line."""
    parser = argparse.ArgumentParser(prog="scope bench wan", description=DESCRIPTION)
    parser.add_argument("--height", type=int)
    parser.add_argument("--width", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--vae", type=VaeType, choices=list(AUTOENCODERS))
    parser.add_argument("--generator", type=GeneratorName, choices=list(GENERATORS))
    parser.add_argument("--window", type=int, help="latent frames of attention")
    parser.add_argument("--chunks", type=int, help="chunks to time, at least one")
    parser.add_argument("--vace", action="store_true", help="with control frames")
    parser.add_argument("--video", action="store_true", help="start from input frames")
    parser.add_argument("--fp8", action="store_true", help="weights and products of the transformer in 8 bits")
    parser.add_argument("--random-weights", action="store_true", help="instead of the installed ones")
    parser.add_argument("--tiny", action="store_true", help="a tiny model at 48x32, to try the benchmark on a CPU")
    parser.add_argument("--all", action="store_true", help="every row of the README's tables, as Markdown")
    parser.add_argument("--eager", action="store_true", help="without compiled code and CUDA graphs")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--profile", metavar="FILE", help="write a trace of three chunks there")
    given: dict[str, Any] = {
        name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None
    }
    size: dict[str, Any] = {"height": 32, "width": 48} if given["tiny"] else {}
    options = Options(**(size | given))
    if options.steps < 1 or options.chunks < 1:
        parser.error("--steps and --chunks must be at least 1")
    for path in filter(None, (options.json, options.profile)):
        # Better now than after half an hour.
        if not Path(path).absolute().parent.is_dir():
            parser.error(f"there is no folder for {path}")
    return options
