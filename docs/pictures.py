"""Makes the pictures of the READMEs anew: `uv run python docs/pictures.py [previews] [looks] [sheets] [hero] [contact]`, all
of them without a name.

The footage is the sample clip, Big Buck Bunny, and for `looks` four kinds of footage. What an effect, map or generator is
called, and which there are, comes from the packages; a new one has its preview with the next run.
"""

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
from PIL import Image, ImageDraw, ImageFont

from scope.media import open_source, sample_clip, sample_portrait
from scope_control.maps import MAPS
from scope_control.pipeline import ControlPipeline
from scope_fx.effects import EFFECTS
from scope_fx.looks import LOOKS
from scope_fx.pipeline import FxPipeline
from scope_synth.generators import GENERATORS
from scope_synth.pipeline import SynthPipeline
from scope_synth.schema import EXAMPLES as SYNTH_EXAMPLES

ROOT = Path(__file__).parents[1]
FONT = ROOT / "packages/scope-synth/src/scope_synth/fonts/LeagueSpartan-Black.otf"
RATE = 25
# Frames that pass before a preview begins: few, because the clip moves most at its beginning.
WARM_UP = 8
COLUMNS = 4
MARKS = ("<!-- previews:begin -->", "<!-- previews:end -->")


class Format(NamedTuple):
    """How large a moving picture is, how many frames of a film it covers, which share of them it has, and its bytes."""

    size: tuple[int, int]
    frames: int
    every: int
    limit: int


PREVIEW = Format((224, 126), 40, 2, 64_000)
# The last of so many frames, since some effects look back a second.
STILL = Format((240, 135), 29, 28, 740_000)
HERO = Format((480, 270), 30, 2, 2_200_000)


@dataclass(frozen=True)
class Scene:
    """What is shown: a pipeline of a package under some parameters."""

    package: str
    name: str
    pipeline: type
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return self.name.lower().replace(" ", "-").replace("_", "-") + ".webp"


# Where the strongest setting is not the one that shows an effect best.
FX: dict[str, dict[str, Any]] = {
    "grade_exposure": {
        "grade_exposure": 0.0,
        "grade_contrast": 0.6,
        "grade_temperature": -0.7,
        "grade_hue_turn": -0.07,
    },
    "kaleidoscope": {"kaleidoscope_segments": 6, "kaleidoscope_turn": 0.8},
    "edge_glow": {"edge_glow_background": 0.2},
    "trails": {"trails": 0.93, "trails_growth": 1.3, "trails_hue_turn": 1.7},
    "bloom": {"bloom_threshold": 0.55, "bloom_radius": 0.7},
    "pixelate": {"pixelate": 0.6, "pixelate_shape": "lamps"},
    "grain": {"grain_size": 1.8, "grade_saturation": -1.0, "grade_contrast": 0.4},
    "feedback": {"feedback": 0.8},
    "sharpen": {"sharpen_radius": 0.6},
    "transform": {"transform_zoom": -0.8, "transform_turn": 0.06},
    "tile": {"tile": 0.45, "tile_kind": "bricks", "tile_shift": 0.2},
    "blur": {"blur": 0.8, "blur_kind": "tilt"},
    "lut": {"lut_look": "teal and orange"},
    "gradient_map": {"gradient_map_colors": "acid"},
    "dither": {"dither_colors": "ember", "dither_size": 0.9},
    "ascii": {"ascii_size": 3.0},
    "bump": {"bump": 0.7},
    "strobe": {"strobe": 0.6, "fx_bpm": 90.0},
}


def fx_scenes() -> list[Scene]:
    scenes = []
    for effect in EFFECTS:
        first = next(iter(effect.fields.model_fields))
        label = type(effect).__name__
        scenes.append(Scene("scope-fx", _spaced(label), FxPipeline, {first: _strongest(first)} | FX.get(first, {})))
    return scenes


def _strongest(name: str) -> Any:
    """The last value of a control in the schema: its maximum, or its last choice."""
    schema = FxPipeline.config.model_json_schema()["properties"][name]
    return True if schema["type"] == "boolean" else schema.get("maximum", (schema.get("enum") or [1.0])[-1])


def _spaced(name: str) -> str:
    """`GradientMap` as "Gradient map", `RgbDelay` as "RGB delay"."""
    first, *others = re.findall("[A-Z][a-z]*", name)
    first = first.upper() if first in {"Ascii", "Crt", "Lut", "Rgb", "Vhs"} else first
    return " ".join([first, *(word.lower() for word in others)])


def control_scenes() -> list[Scene]:
    # The hue of the meadow, for the mask of one.
    values = {"control_mask_hue": 0.2, "control_mask_tolerance": 0.5}
    return [Scene("scope-control", entry.name, ControlPipeline, values | {"control_map": entry.name}) for entry in MAPS]


def synth_scenes() -> list[Scene]:
    examples = {example["synth_generator"]: example for example in SYNTH_EXAMPLES}
    return [Scene("scope-synth", entry.name, SynthPipeline, examples[entry.name]) for entry in GENERATORS]


@cache
def footage() -> list[torch.Tensor]:
    """The sample clip, (1, H, W, 3) uint8 a frame."""
    with open_source(sample_clip()) as source:
        return [torch.as_tensor(frame.pixels)[None] for frame in islice(source, 100)]


def camera(name: str, night: bool = False) -> list[torch.Tensor]:
    """A slow move over a photograph of `footage`, 640x360, with the noise of a sensor at night; (1, H, W, 3) uint8 a frame."""
    photograph = Image.open(ROOT / "docs/footage" / name)
    dice, frames = torch.Generator().manual_seed(1), []
    for number in range(WARM_UP + STILL.frames):
        left, top = round(2.0 * number), round(0.6 * number)
        window = (left, top, left + 512, top + 288)
        values = torch.tensor(list(photograph.resize((640, 360), Image.Resampling.LANCZOS, window).tobytes())) / 255.0
        if night:
            light = values.square() * 0.5
            noise = torch.randn(light.shape, generator=dice)
            values = (light + noise * (light * 0.004 + 0.00006).sqrt()).clamp(0.0, 1.0).sqrt()
        frames.append((values * 255.0).round().to(torch.uint8).view(1, 360, 640, 3))
    return frames


def film(scene: Scene, form: Format, clip: Sequence[torch.Tensor] | None = None) -> Iterator[Image.Image]:
    """Every so many of the frames of a scene over a clip, the sample unless one is given, after its warm-up."""
    load = {"height": 2 * form.size[1], "width": 2 * form.size[0]} if scene.package == "scope-synth" else {}
    pipeline, clip = scene.pipeline(device="cpu", **load), clip or footage()
    tempo = {"bpm": 120.0, "is_playing": True}
    for number in range(WARM_UP + form.frames):
        seconds, beats = number / RATE, number / RATE * 2.0
        beat = {"beat_count": int(beats), "beat_phase": beats % 1.0, "bar_position": beats % 4.0}
        source = {} if load else {"video": [clip[number % len(clip)]]}
        call = source | tempo | beat | scene.parameters
        picture = pipeline(frame_time=seconds, init_cache=number == 0, **call)["video"][0]
        if number >= WARM_UP and (number - WARM_UP) % form.every == 0:
            yield resized(picture, form.size)


def resized(picture: torch.Tensor, size: tuple[int, int]) -> Image.Image:
    array = (picture * 255.0).round().to(torch.uint8).cpu().numpy()
    return Image.fromarray(array).resize(size, Image.Resampling.LANCZOS)


def save_animated(frames: Sequence[Image.Image], path: Path, form: Format) -> None:
    """WebP at the best of some qualities that keeps below the limit in bytes, else at the least."""
    for quality in (70, 55, 42, 32, 24, 16, 8):
        packed = io.BytesIO()
        duration = round(1000 * form.every / RATE)
        frames[0].save(
            packed,
            "WEBP",
            save_all=True,
            append_images=frames[1:],
            duration=duration,
            loop=0,
            quality=quality,
            method=4,
        )
        if packed.tell() <= form.limit:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.getvalue())


def previews() -> None:
    """One animated picture for each effect, map and generator, and the table of them in the package's README."""
    for scenes in (fx_scenes(), control_scenes(), synth_scenes()):
        folder = ROOT / "packages" / scenes[0].package
        for old in (folder / "docs/previews").glob("*.webp"):
            old.unlink()
        for scene in scenes:
            frames = list(film(scene, PREVIEW))
            save_animated(frames, folder / "docs/previews" / scene.file, PREVIEW)
            print(scene.package, scene.name, flush=True)
        _tell(folder / "README.md", scenes)


CREDIT = (
    "*Footage: Big Buck Bunny, (c) 2008 Blender Foundation, [CC BY 3.0](https://creativecommons.org/licenses/by/3.0/), changed "
    "as each picture says. Made by `uv run python docs/pictures.py previews`.*"
)


def _tell(readme: Path, scenes: Sequence[Scene]) -> None:
    """Put the table of previews between its marks; without marks nothing is done."""
    text = readme.read_text(encoding="utf-8")
    if MARKS[0] not in text:
        print(f"{readme}: no {MARKS[0]}")
        return
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    cells = [f"![{scene.name}](docs/previews/{scene.file})<br>{scene.name}" for scene in scenes]
    cells += [""] * (-len(cells) % COLUMNS)
    rows = [f"| {' | '.join(cells[i : i + COLUMNS])} |" for i in range(0, len(cells), COLUMNS)]
    table = "\n".join([rows[0], "|" + " --- |" * COLUMNS, *rows[1:]])
    credit = "" if scenes[0].package == "scope-synth" else f"\n{CREDIT}\n"
    readme.write_text(f"{before}{MARKS[0]}\n\n{table}\n{credit}\n{MARKS[1]}{after}", encoding="utf-8")


def looks() -> None:
    """Every effect and look on four kinds of footage: a film, skin, night, and drawn. Two sheets, two columns each."""
    with open_source(sample_portrait()) as source:
        skin = [torch.as_tensor(frame.pixels)[None] for frame in islice(source, 100)]
    clips = (camera("film.jpg"), skin, camera("night.jpg", night=True), footage())
    scenes = [*fx_scenes(), *(Scene("scope-fx", f"Look: {name}", FxPipeline, {"fx_look": name}) for name in LOOKS)]
    half = -(-len(scenes) // 2)
    for number, shown in enumerate((scenes[:half], scenes[half:]), 1):
        rows = -(-half // 2)
        sheet = Image.new("RGB", (8 * STILL.size[0], rows * STILL.size[1]))
        for place, scene in enumerate(shown):
            left, top = place // rows * 4 * STILL.size[0], place % rows * STILL.size[1]
            for column, clip in enumerate(clips):
                *_, tile = film(scene, STILL, clip)
                sheet.paste(tile if column else _titled(tile, scene.name), (left + column * STILL.size[0], top))
            print(scene.name, flush=True)
        save_still(sheet, ROOT / f"docs/pictures/looks-{number}.jpg", STILL.limit)


def save_still(picture: Image.Image, path: Path, limit: int) -> None:
    """JPEG at the best of some qualities that keeps below the limit in bytes, else at the least."""
    for quality in (85, 78, 70, 62, 54, 46):
        picture.save(path, quality=quality, optimize=True, progressive=True)
        if path.stat().st_size <= limit:
            return


def sheets() -> None:
    """The still sheets of the packages: effects.jpg, maps.jpg, synth.jpg."""
    for script in ("scope-fx/docs/effects.py", "scope-synth/docs/synth.py", "scope-control/docs/maps.py"):
        subprocess.run([sys.executable, ROOT / "packages" / script], check=True)


def hero() -> None:
    """The moving picture at the top of the README: one clip through maps and effects, then pictures from nothing."""
    by_name = {scene.name: scene for scene in (*fx_scenes(), *control_scenes(), *synth_scenes())}
    untouched = Scene("scope-fx", "Any source", FxPipeline)
    shown = [untouched, *(by_name[name] for name in ("line_art", "Trails", "Comic", "fluid", "flow", "cave"))]
    frames = [
        _titled(frame, scene.name.replace("_", " ").capitalize()) for scene in shown for frame in film(scene, HERO)
    ]
    save_animated(frames, ROOT / "docs/pictures/hero.webp", HERO)


def _titled(frame: Image.Image, title: str) -> Image.Image:
    font = ImageFont.truetype(FONT, 20)
    ImageDraw.Draw(frame).text(
        (16, frame.height - 34), title, fill="white", stroke_fill="black", stroke_width=2, font=font
    )
    return frame


def contact() -> None:
    """The sheet of every pipeline, by `scope demo`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from scope.cli import main; main()", "demo", "--output", folder]
        subprocess.run(command, check=True)
        sheet = Image.open(Path(folder) / "contact-sheet.png").convert("RGB")
        sheet.save(ROOT / ".github/contact-sheet.jpg", quality=78, optimize=True, progressive=True)


COMMANDS = {"previews": previews, "looks": looks, "sheets": sheets, "hero": hero, "contact": contact}


def main(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in COMMANDS]
    if unknown:
        sys.exit(f"pictures: expected some of {', '.join(COMMANDS)}, got {', '.join(unknown)}")
    for name in names or COMMANDS:
        COMMANDS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
