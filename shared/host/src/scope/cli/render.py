"""`scope render ID`: a film through a chain of pipelines, offline, every frame once."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from scope.batch.cues import with_cues
from scope.batch.film import Film
from scope.batch.setup import film_of
from scope.cli.console import MissingModelsError, installed, one_sentence, with_missing_models
from scope.cli.errors import UserError
from scope.cli.models import fetch, offer
from scope.cli.parameters import add_load, add_prompt, add_setting
from scope.cli.progress import progress_bar
from scope.control.setup import Setup, SetupError, parse_setup
from scope.core.pipelines.registry import Registry
from scope.runtime.graph import Graph
from scope.runtime.pool import Pool


def render(
    output: Annotated[
        str, typer.Option("--output", "-o", help="film.mp4, frames_%04d.png, a folder/, one.png; sound.wav")
    ],
    pipeline_id: Annotated[str | None, typer.Argument(metavar="ID", help="The main pipeline.")] = None,
    setup: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A set-up document instead of an ID: a preset of the live host.")
    ] = None,
    cues: Annotated[
        bool, typer.Option("--cues", help="Play the cue list of the set-up instead of its recorded moves.")
    ] = False,
    input_: Annotated[
        str | None, typer.Option("--input", "-i", help="A video, picture, folder, or testpattern.")
    ] = None,
    pre: Annotated[list[str] | None, typer.Option(metavar="ID", help="A preprocessor; may be repeated.")] = None,
    post: Annotated[list[str] | None, typer.Option(metavar="ID", help="A postprocessor; may be repeated.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="[ID.]NAME=VALUE", help="A runtime parameter.")
    ] = None,
    load: Annotated[list[str] | None, typer.Option(metavar="[ID.]NAME=VALUE", help="A load parameter.")] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="TIME [ID.]NAME=VALUE", help="A runtime parameter from a time on: --at 2.5s bloom=0.8"),
    ] = None,
    prompt: Annotated[str | None, typer.Option(help="What to draw, for pipelines that take prompts.")] = None,
    mode: Annotated[str | None, typer.Option(help="text or video; without it, video if there is an input.")] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of the film; the input is cropped to it.")
    ] = None,
    frames: Annotated[int | None, typer.Option(min=1, help="How many frames.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.001, help="How many seconds.")] = None,
    fps: Annotated[
        float | None, typer.Option(min=0.1, max=1000, help="Frames a second; the input's without it.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of all randomness.")] = None,
    frame_dtype: Annotated[
        Literal["float32", "uint8"] | None,
        typer.Option(help="What every pipeline receives; uint8 without it, or float32 where the pipeline asks for it."),
    ] = None,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave the sound out.")] = False,
    download: Annotated[bool, typer.Option("--download", help="Fetch missing model files without a question.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at a frame with NaN instead of showing it black.")
    ] = False,
) -> None:
    """Render a film through a pipeline, with others before and after it, offline and lossless."""
    if frames is not None and seconds is not None:
        raise UserError("give --frames or --seconds, not both")
    if (pipeline_id is None) == (setup is None):
        raise UserError("give the ID of a pipeline or --setup FILE" + ("" if setup is None else ", not both"))
    if setup is not None and (pre or post or mode):
        raise UserError("--pre, --post and --mode do not go with --setup, which holds the whole chain")
    if cues and setup is None:
        raise UserError("--cues plays the cue list of a set-up; give --setup FILE")
    registry = installed()
    with one_sentence():
        if setup is not None:
            document, seconds = _document(registry, setup, input_, frames, seconds, cues=cues)
            film = film_of(registry, document, output, input_)
        else:
            film = _film(registry, pipeline_id or "", pre or [], post or [], mode, output, input_)
        _fill(film.graph, set_ or [], load or [], at or [], prompt)
        given = {
            "size": None if size is None else parse_size(size),
            "rate": None if fps is None else Fraction(fps).limit_denominator(100_000),
        }
        film = replace(
            film,
            **{name: value for name, value in given.items() if value is not None},
            frames=frames,
            seconds=film.seconds if frames is None and seconds is None else seconds,
            frame_dtype=frame_dtype,
            strict=strict,
            sound=not no_audio,
        )
        if size is not None:
            film.graph.load_everywhere(dict(zip(("width", "height"), parse_size(size), strict=True)))
        if seed is not None:
            film.graph.load_everywhere({"base_seed": seed})
        _render_with_models(film, download=download)


def _document(
    registry: Registry, path: Path, given: str | None, frames: int | None, seconds: float | None, *, cues: bool
) -> tuple[Mapping[str, Any], float | None]:
    """The set-up in a file, and how many seconds of it were asked for or are in its cue list."""
    setup = read_setup(path)
    if not cues:
        return setup.document(), seconds
    # No film has less than one frame a second, so that so many frames are at most as many seconds.
    until = float(frames) if frames is not None else seconds
    document, length = with_cues(registry, setup, until, given)
    return document, seconds if length is None else length


def _film(
    registry: Registry,
    pipeline_id: str,
    pre: list[str],
    post: list[str],
    mode: str | None,
    output: str,
    source: str | None,
) -> Film:
    graph = Graph.of_ids(registry, pipeline_id, pre, post, mode=mode, source=source is not None)
    main = graph.nodes[len(pre)]
    if main.mode == "video" and source is None:
        raise UserError(f"{main.id} in video mode needs a picture to work on; give --input FILE")
    if main.mode == "text" and source is not None:
        raise UserError(f"{main.id} in text mode takes no input; leave --input away or choose --mode video")
    return Film(graph, output, input=source)


def _render_with_models(film: Film, *, download: bool) -> None:
    """Render; where a pipeline cannot load without its model files, fetch them if that is wanted, and render again."""
    lacked: list[str] = []
    while True:
        try:
            return _render(film)
        except MissingModelsError as error:
            name = error.config.pipeline_id
            if name in lacked or not (download or _wants(error)):
                raise
            lacked.append(name)
            fetch(error.config)


def _wants(error: MissingModelsError) -> bool:
    """Ask the person at the keyboard, with the size and the licenses; no without one.

    Raises:
        UserError: the sources cannot be reached.
    """
    if not sys.stdin.isatty():
        raise UserError(f"{error}; give --download to fetch them", error.exit_code) from error
    typer.echo(f"{error}.")
    return typer.confirm(f"Download {offer(error.config)}?")


def _render(film: Film) -> None:
    with with_missing_models(film.graph), progress_bar(str(film.graph)) as watch:
        summary = film.render(Pool(), watch)
    for note in summary.notes:
        Console(stderr=True).print(note, soft_wrap=True, highlight=False)
    typer.echo(f"{film.graph} -> {summary}")


def read_setup(path: Path) -> Setup:
    """The set-up document in a file, checked."""
    try:
        return parse_setup(path.read_bytes())
    except (OSError, SetupError) as error:
        raise UserError(f"cannot use {path}: {getattr(error, 'strerror', None) or error}") from error


def _fill(graph: Graph, settings: list[str], load: list[str], at: list[str], prompt: str | None) -> None:
    for text in load:
        add_load(graph, text)
    for text in settings:
        add_setting(graph, text)
    for text in at:
        when, _, setting = text.partition(" ")
        add_setting(graph, setting, parse_time(when))
    if prompt is not None:
        add_prompt(graph, prompt)


def parse_size(text: str) -> tuple[int, int]:
    """`640x360` as (width, height)."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text.strip().lower())
    if match is None or "0" in match.groups():
        raise UserError(f"--size: expected WIDTHxHEIGHT such as 640x360, got {text!r}")
    return int(match[1]), int(match[2])


def parse_time(text: str) -> float:
    """`2.5s`, `2500ms` or `2.5` as seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)(ms|s|)", text.strip())
    if match is None:
        raise UserError(f"--at: expected a time and a parameter such as '2.5s bloom=0.8', got {text!r}")
    return float(match[1]) / (1000.0 if match[2] == "ms" else 1.0)
