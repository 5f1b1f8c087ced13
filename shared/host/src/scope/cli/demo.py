"""`scope demo`: every installed pipeline that needs no model, on real footage, as films and one picture."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.markup import escape

from scope.batch.film import input_frames
from scope.batch.record import Summary, Watch, Writer
from scope.cli.console import installed, one_sentence
from scope.cli.errors import UserError, complain
from scope.cli.progress import progress_bar
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.registry import Registry
from scope.media import Picture, contact_sheet, open_source, sample_clip
from scope.models import missing_files
from scope.runtime.build import schema_defaults
from scope.runtime.faults import FaultLog
from scope.runtime.frames import Chunk, Frame, Stamp
from scope.runtime.graph import Graph
from scope.runtime.mailbox import Setting
from scope.runtime.offline import loaded, taken
from scope.runtime.pool import Pool
from scope.runtime.stage import Conditions

SCENE_FRAMES = 40
# When a scene goes into the contact sheet: motion and trails have built up by then.
TILE_SHARE = 0.75
TILE_COLUMNS = 5
TILE_WIDTH = 400


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the films and the contact sheet.")] = Path(
        "demo"
    ),
    frames: Annotated[int, typer.Option(min=1, help="Frames of each scene.")] = SCENE_FRAMES,
) -> None:
    """Run the sample clip through every installed pipeline that needs no model download.

    A pipeline shows the `examples` of its schema, one scene each, and without any its defaults.
    """
    registry = installed()
    _make_folder(output)
    console = Console()
    with one_sentence():
        tiles, failures = _films(registry, output, frames, console)
        sheet = output / "contact-sheet.png"
        contact_sheet(tiles, TILE_COLUMNS, TILE_WIDTH).save(sheet)
    console.print(f"contact sheet -> {sheet}", soft_wrap=True, highlight=False)
    if failures:
        raise UserError(f"{', '.join(failures)} failed; the others are in {output}", exit_code=1)


@dataclass
class Reel:
    """The film of one pipeline: a scene for each example, and a picture out of each for the contact sheet."""

    config: type[BasePipelineConfig]
    clip: list[Picture]
    rate: Fraction
    frames: int
    pictures: list[torch.Tensor] = field(default_factory=list)

    @property
    def examples(self) -> list[dict[str, Any]]:
        """Parameter sets that the schema offers under the JSON Schema keyword `examples`."""
        return self.config.model_json_schema().get("examples") or [{}]

    def render(self, registry: Registry, path: str) -> Summary:
        """Write the film; a tile's worth of each scene stays in `pictures`."""
        pipeline_id, scenes = self.config.pipeline_id, len(self.examples)
        source = "video" in self.config.modes
        graph = Graph.of_ids(registry, pipeline_id, source=source)
        graph.nodes[0].settings = list(self._settings())
        height, width = self.clip[0].pixels.shape[:2]
        graph.load_everywhere({"width": width, "height": height})
        total = scenes * self.frames
        with (
            loaded(graph, Conditions(float(self.rate)), Pool(), FaultLog()) as session,
            progress_bar(pipeline_id) as bar,
        ):
            endless = session.generate()
            chunks = session.transform(self._footage()) if source else taken(endless, lambda _: total, self.rate)
            return Writer(path, self.rate, total=total, watch=self._watch(bar)).write(chunks)

    def labelled(self) -> list[tuple[str, torch.Tensor]]:
        """The pictures with the pipeline's id and the title of each scene."""
        pairs = zip(self.examples, self.pictures, strict=True)
        return [(f"{self.config.pipeline_id}  {title(self.config, e)}".strip(), picture) for e, picture in pairs]

    def _settings(self) -> Iterator[Setting]:
        """Each scene starts anew and from the defaults, so that no scene colours the next."""
        defaults = schema_defaults(self.config)
        touched = {name for example in self.examples for name in example}
        for i, example in enumerate(self.examples):
            start = float(i * self.frames / self.rate)
            yield Setting(start, "reset_cache", True)
            for name in sorted(touched):
                yield Setting(start, name, example.get(name, defaults.get(name)))

    def _footage(self) -> Iterator[Frame]:
        pixels = [frame.pixels for frame in input_frames(self.clip)]
        for i in range(len(self.examples) * self.frames):
            yield Frame(pixels[i % self.frames % len(pixels)], Stamp(float(i / self.rate), i))

    def _watch(self, bar: Watch) -> Watch:
        def watch(chunk: Chunk, done: int, total: int | None) -> None:
            bar(chunk, done, total)
            self._keep(chunk)

        return watch

    def _keep(self, chunk: Chunk) -> None:
        for picture, stamp in zip(chunk.video, chunk.stamps, strict=True):
            if round(stamp.time * self.rate) == len(self.pictures) * self.frames + int(TILE_SHARE * self.frames):
                self.pictures.append(picture.cpu())


def _films(
    registry: Registry, output: Path, frames: int, console: Console
) -> tuple[list[tuple[str, torch.Tensor]], list[str]]:
    with open_source(sample_clip()) as source:
        clip, rate = list(islice(source, frames)), source.rate
    tiles, failures = [("sample clip", clip[int(TILE_SHARE * len(clip))].pixels)], []
    for pipeline_id in registry:
        reel = Reel(registry.config(pipeline_id), clip, rate, frames)
        missing = missing_files(reel.config)
        if missing:
            console.print(f"{pipeline_id}: skipped, {len(missing)} model files are missing", highlight=False)
            continue
        try:
            with one_sentence():
                summary = reel.render(registry, str(output / f"{pipeline_id}.mp4"))
        except UserError as error:
            complain(str(error), error.exit_code)
            failures.append(pipeline_id)
            continue
        console.print(escape(f"{pipeline_id} -> {summary}"), soft_wrap=True, highlight=False)
        tiles += reel.labelled()
    return tiles, failures


def title(config: type[BasePipelineConfig], example: dict[str, Any]) -> str:
    """An example in few words: what menus were set to, else the labels of what was moved. Free texts are left out, and a
    control that shapes another one of the example (`trails_zoom` beside `trails`).
    """
    properties = config.model_json_schema()["properties"]
    chosen = [value for name, value in example.items() if "enum" in properties.get(name, {})]
    if chosen:
        return ", ".join(chosen).replace("_", " ")
    moved = [name for name in example if not any(name.startswith(f"{other}_") for other in example)]
    return ", ".join(properties.get(name, {}).get("ui", {}).get("label", name) for name in moved)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to {path}: {error.strerror}") from error
