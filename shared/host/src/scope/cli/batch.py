"""`scope batch`: many films from many clips, values, prompts and seeds, on every core and GPU of one or many machines."""

import os
import re
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.markup import escape
from rich.table import Table

from scope.batch.crew import Crew, CrewError, LocalCrew, Seat, seats
from scope.batch.estimate import costs_of, frame_counts
from scope.batch.manifest import Manifest
from scope.batch.parts import DEFAULT_SECONDS, Split, Splitter
from scope.batch.pending import pending
from scope.batch.plan import Job, Options, Sweep, jobs_of, variations
from scope.batch.report import latest, of_films, throughputs, write_sheet
from scope.batch.run import OWN_FOLDER, BatchError, Outcome, batch_folder, run
from scope.batch.setup import graph_of, place_of
from scope.batch.stores import StoreError, is_url, matching
from scope.cli.batch_progress import BatchProgress
from scope.cli.console import installed, one_sentence, page
from scope.cli.errors import PIPELINE_FAILED, UserError
from scope.cli.parameters import named, typed
from scope.cli.render import parse_size, read_setup
from scope.runtime.graph import Graph

SHOWN_JOBS = 10


def batch(
    setup: Annotated[str, typer.Argument(metavar="SETUP|report", help="A set-up document, or the word report.")],
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="After report: a batch's folder.")] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--inputs", "-i", help="Clips, such as 'clips/**/*.mp4', or at URLs; may be repeated."),
    ] = None,
    output: Annotated[str | None, typer.Option("--output", "-o", help="The folder of the films, or a URL.")] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(metavar="[ID.]NAME=FROM:TO:COUNT", help="Values to try, or NAME=A,B,C; may be repeated."),
    ] = None,
    prompts: Annotated[Path | None, typer.Option(help="A file with a prompt in each line.")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="A..B", help="Seeds to try: 1..8, or 3,5,9.")] = None,
    frames: Annotated[int | None, typer.Option(min=1, help="Frames of each film; all without it.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.001, help="Seconds of each film.")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Size of each film.")] = None,
    fps: Annotated[float | None, typer.Option(min=0.1, max=1000, help="Frames a second.")] = None,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave the sound out.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A frame with NaN fails its film.")] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Worker processes; one a GPU or one for four cores without it.")
    ] = None,
    part: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0.0,
            help="Split clips into parts of about this length where no pipeline keeps state; 0: never.",
        ),
    ] = DEFAULT_SECONDS,
    tries: Annotated[int, typer.Option(min=1, help="Attempts at a film before it counts as failed.")] = 3,
    manifest: Annotated[
        Path | None, typer.Option(help="The folder of the manifest, where the output is a URL.")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="[ADDRESS]", help="On a Ray cluster: at an address, RAY_ADDRESS, or of this machine."),
    ] = None,
    cpus: Annotated[float | None, typer.Option(min=0.01, help="With --ray: CPU cores of each worker.")] = None,
    gpus: Annotated[float | None, typer.Option(min=0.0, help="With --ray: GPUs of each worker, such as 0.5.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be rendered and what it would take.")
    ] = False,
) -> None:
    """Render every combination of clips, swept values, prompts and seeds; run it again to go on where it stopped.

    `scope batch report FOLDER` shows what became of each film. Status 1 if any failed.
    """
    if setup == "report":
        _report(folder)
        return
    if folder is not None or output is None:
        raise UserError("give a set-up and --output FOLDER, or report and a batch's folder")
    options = Options(frames, seconds, None if size is None else parse_size(size), fps, strict, not no_audio)
    if frames is not None and seconds is not None:
        raise UserError("give --frames or --seconds, not both")
    place = _manifest_folder(output, manifest)
    with _sentences():
        graph, jobs = _jobs(Path(setup), inputs or [], output, sweep or [], prompts, seeds, options)
        split = Splitter(installed(), f"{_folder(output)}/{OWN_FOLDER}/parts", part)
        if dry_run:
            _show_plan(jobs, place, _seats(workers), split)
            return
        with batch_folder(place, _folder(output)):
            crew = (
                LocalCrew(_seats(workers), place / OWN_FOLDER) if ray is None else _ray(ray, graph, cpus, gpus, workers)
            )
            outcome = _run(jobs, crew, place, tries, split)
    _tell(outcome, output)


def _seats(workers: int | None) -> list[Seat]:
    import torch

    return seats(workers, torch.cuda.device_count(), os.cpu_count() or 1)


def _ray(address: str, graph: Graph, cpus: float | None, gpus: float | None, workers: int | None) -> Crew:
    try:
        from scope.batch.on_ray import RayCrew, Share
    except ImportError as error:
        raise UserError("--ray needs the extra: install scope-host[batch]") from error
    share = None if cpus is None and gpus is None else Share(1.0 if cpus is None else cpus, gpus or 0.0)
    return RayCrew(address or None, graph, share, workers)


@contextmanager
def _sentences() -> Generator[None]:
    """The errors that a batch foresees as well."""
    try:
        with one_sentence():
            yield
    except (StoreError, BatchError, CrewError) as error:
        raise UserError(str(error)) from error


def _jobs(
    setup: Path,
    patterns: Sequence[str],
    output: str,
    sweeps: Sequence[str],
    prompts: Path | None,
    seeds: str | None,
    options: Options,
) -> tuple[Graph, list[Job]]:
    document = read_setup(setup).document()
    if document["source"]["kind"] == "file":
        # Workers may stand in another folder.
        document["source"] = {**document["source"], "path": str(Path(place_of(document["source"])).absolute())}
    inputs = [place for pattern in patterns for place in matching(pattern)]
    graph = graph_of(installed(), document, inputs[0] if inputs else None)
    varied = variations(
        document, graph, [parse_sweep(graph, text) for text in sweeps], _read_prompts(prompts), parse_seeds(seeds)
    )
    return graph, jobs_of(inputs, list(varied), _folder(output), options, ".mp4" if _has_pictures(graph) else ".wav")


def _folder(output: str) -> str:
    """Workers may stand in another folder."""
    return output.rstrip("/") if is_url(output) else str(Path(output).absolute())


def _has_pictures(graph: Graph) -> bool:
    return graph.main is None or graph.main.config.produces_video


def parse_sweep(graph: Graph, text: str) -> Sweep:
    """`[ID.]NAME=FROM:TO:COUNT` (both ends included) or `[ID.]NAME=A,B,C`."""
    node, name, values = named(graph, text)
    label = text.partition("=")[0]
    steps = re.fullmatch(r"(-?[\d.]+):(-?[\d.]+):(\d+)", values)
    if steps is None:
        load = name in node.fields and node.fields[name].is_load
        return Sweep(node.id, name, [typed(node.fields, name, value, load=load) for value in values.split(",")], label)
    try:
        low, high, count = float(steps[1]), float(steps[2]), int(steps[3])
    except ValueError as error:
        raise UserError(f"--sweep: expected NAME=FROM:TO:COUNT such as bloom=0:1:5, got {text!r}") from error
    spread = [low + (high - low) * i / max(1, count - 1) for i in range(count)]
    whole = name in node.fields and any(option.get("type") == "integer" for option in node.fields[name].options)
    return Sweep(node.id, name, list(dict.fromkeys(round(value) for value in spread)) if whole else spread, label)


def parse_seeds(text: str | None) -> list[int]:
    """`1..8` or `3,5,9`."""
    if text is None:
        return []
    ends = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    if ends is not None and int(ends[1]) <= int(ends[2]):
        return list(range(int(ends[1]), int(ends[2]) + 1))
    if re.fullmatch(r"\d+(,\d+)*", text):
        return [int(number) for number in text.split(",")]
    raise UserError(f"--seeds: expected 1..8 or 3,5,9, got {text!r}")


def _read_prompts(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if not any(lines):
        raise UserError(f"{path} holds no prompt")
    return [line for line in lines if line]


def _manifest_folder(output: str, manifest: Path | None) -> Path:
    if manifest is None and is_url(output):
        raise UserError("where the output is a URL, give --manifest FOLDER for what the batch has to remember")
    return manifest or Path(output)


def _show_plan(jobs: Sequence[Job], place: Path, places: Sequence[Seat], split: Split) -> None:
    # What this process has imported until now a worker imports as well.
    start = time.time() - psutil.Process().create_time()
    manifest = Manifest(place)
    left = pending(jobs, manifest)
    counts = frame_counts(left)
    known = sum(count for count in counts if count is not None)
    unknown = sum(count is None for count in counts)
    for job, count in list(zip(left, counts, strict=True))[:SHOWN_JOBS]:
        parts = f", in {len(shares)} parts" if (shares := split(job)) else ""
        typer.echo(f"{job.name}: {'?' if count is None else count} frames of {job.input or 'the set-up'}{parts}")
    more = f"… and {len(left) - SHOWN_JOBS} more\n" if len(left) > SHOWN_JOBS else ""
    films = f"{_films(len(left))}, {known} frames"
    typer.echo(f"{more}{films}" + (f" and {unknown} of unknown length" if unknown else ""), nl=False)
    typer.echo(f"; {len(jobs) - len(left)} of {len(jobs)} are done" if len(left) < len(jobs) else "")
    if left:
        readable = next((job for job, count in zip(left, counts, strict=True) if count), left[0])
        costs, known_from = costs_of(manifest.read(), readable, places[0], start)
        counted = len(left) - unknown
        seconds = costs.seconds(counted, known / max(1, counted), min(len(places), len(left)))
        workers = f"{len(places)} worker{'' if len(places) == 1 else 's'}"
        typer.echo(f"about {_duration(seconds)} with {workers}, estimated from {known_from}")


def _films(count: int) -> str:
    return f"{count} film{'' if count == 1 else 's'}"


def _duration(seconds: float) -> str:
    """In words.

    >>> _duration(11.6), _duration(600), _duration(20000)
    ('12 seconds', '10 minutes', '5.6 hours')
    """
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def _run(jobs: Sequence[Job], crew: Crew, place: Path, tries: int, split: Split) -> Outcome:
    with BatchProgress(len(jobs)) as progress:
        return run(jobs, crew, place, tries=tries, watch=progress, split=split)


def _tell(outcome: Outcome, output: str) -> None:
    skipped = f", {len(outcome.skipped)} were there already" if outcome.skipped else ""
    typer.echo(f"{_films(len(outcome.done))} with {outcome.frames} frames -> {output}{skipped}")
    if outcome.failed:
        lines = "\n".join(f"  {name}: {error}" for name, error in outcome.failed.items())
        raise UserError(f"{len(outcome.failed)} failed:\n{lines}", PIPELINE_FAILED)


def _report(folder: Path | None) -> None:
    entries = latest(folder) if folder is not None else []
    if folder is None or not entries:
        raise UserError(
            f"no batch has written to {folder}" if folder else "give a batch's folder: scope batch report out/"
        )
    films = Table("film", "state", "frames", "seconds", "frames/s", "tries", "worker", box=None, pad_edge=False)
    for entry in of_films(entries):
        speed = f"{entry.frames / entry.seconds:.1f}" if entry.seconds else "-"
        state = "[green]done[/]" if entry.state == "done" else "[red]failed[/]"
        cells = (str(entry.frames), f"{entry.seconds:.1f}", speed, str(entry.attempt), escape(entry.worker))
        films.add_row(escape(entry.job), state, *cells)
    shares = Table("worker", "films or parts", "frames", "frames/s", box=None, pad_edge=False)
    for share in throughputs(entries):
        shares.add_row(escape(share.worker), str(share.films), str(share.frames), f"{share.speed:.1f}")
    console = page()
    console.print(films)
    for entry in entries:
        if entry.error:
            console.print(f"[red]{escape(entry.job)}[/]: {escape(entry.error)}", soft_wrap=True, highlight=False)
    console.print(shares)
    if (sheet := write_sheet(folder, of_films(entries))) is not None:
        console.print(f"contact sheet -> {sheet}", soft_wrap=True, highlight=False)
