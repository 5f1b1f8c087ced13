"""`scope render ID`: a film through a chain of pipelines, offline, every frame once."""

import re
from fractions import Fraction
from typing import Annotated, Literal

import typer
from rich.console import Console

from scope.batch.film import Film
from scope.cli.console import installed, one_sentence, with_missing_models
from scope.cli.errors import UserError
from scope.cli.parameters import add_load, add_prompt, add_setting
from scope.cli.progress import progress_bar
from scope.runtime.graph import Graph
from scope.runtime.pool import Pool


def render(
    pipeline_id: Annotated[str, typer.Argument(metavar="ID", help="The main pipeline.")],
    output: Annotated[
        str, typer.Option("--output", "-o", help="film.mp4, frames_%04d.png, a folder/, one.png; sound.wav")
    ],
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
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at a frame with NaN instead of showing it black.")
    ] = False,
) -> None:
    """Render a film through a pipeline, with others before and after it, offline and lossless."""
    if frames is not None and seconds is not None:
        raise UserError("give --frames or --seconds, not both")
    registry = installed()
    with one_sentence():
        graph = Graph.of_ids(registry, pipeline_id, pre or [], post or [], mode=mode, source=input_ is not None)
        _check_source(graph, input_)
        _fill(graph, set_ or [], load or [], at or [], prompt)
        film = Film(
            graph=graph,
            output=output,
            input=input_,
            size=None if size is None else parse_size(size),
            rate=None if fps is None else Fraction(fps).limit_denominator(100_000),
            frames=frames,
            seconds=seconds,
            frame_dtype=frame_dtype,
            strict=strict,
            sound=not no_audio,
        )
        _share(film, seed)
        with with_missing_models(graph), progress_bar(str(graph)) as watch:
            summary = film.render(Pool(), watch)
        for note in summary.notes:
            Console(stderr=True).print(note, soft_wrap=True, highlight=False)
        typer.echo(f"{graph} -> {summary}")


def _check_source(graph: Graph, source: str | None) -> None:
    main = graph.nodes[0] if graph.main is None else graph.main
    if main.mode == "video" and source is None:
        raise UserError(f"{main.id} in video mode needs a picture to work on; give --input FILE")
    if main.mode == "text" and source is not None:
        raise UserError(f"{main.id} in text mode takes no input; leave --input away or choose --mode video")


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


def _share(film: Film, seed: int | None) -> None:
    """What the command line says of the whole film, for every pipeline that wants to know."""
    if film.size is not None:
        film.graph.load_everywhere({"width": film.size[0], "height": film.size[1]})
    if seed is not None:
        film.graph.load_everywhere({"base_seed": seed})


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
