"""What is measured: settings of the installed pipelines, each with the target it is held to."""

from dataclasses import dataclass, field
from typing import Any

_FIVE = {
    "grade_exposure": 0.3,
    "grade_contrast": 0.3,
    "grade_saturation": 0.2,
    "vignette": 0.5,
    "grain": 0.3,
    "aberration": 0.5,
    "posterize": 0.5,
}
_THIRTEEN = {
    "mirror": "left",
    "kaleidoscope": 0.7,
    "edge_glow": 0.3,
    "trails": 0.6,
    "grade_exposure": 0.3,
    "grade_contrast": 0.3,
    "bloom": 0.5,
    "aberration": 0.5,
    "vignette": 0.5,
    "pixelate": 0.1,
    "posterize": 0.3,
    "halftone": 0.3,
    "glitch": 0.5,
    "grain": 0.5,
}
_ALL = _THIRTEEN | {
    "stutter": 0.5,
    "slit_scan": 0.3,
    "echo": 0.5,
    "rgb_delay": 0.5,
    "transform": 0.5,
    "tile": 0.3,
    "droste": 0.4,
    "glass": 0.5,
    "liquid": 0.4,
    "key": 0.5,
    "feedback": 0.3,
    "datamosh": 0.5,
    "lut": 0.5,
    "gradient_map": 0.5,
    "blur": 0.3,
    "sharpen": 0.5,
    "oil": 0.5,
    "comic": 0.5,
    "rays": 0.5,
    "bump": 0.5,
    "pixel_sort": 0.3,
    "dither": 0.5,
    "ascii": 0.3,
    "strobe": 0.3,
    "vhs": 0.4,
    "crt": 0.4,
}


@dataclass(frozen=True)
class Row:
    """One setting of one pipeline. `target`: the most it shall cost, in clones of a frame; `moving`: with every slider
    that the setting names moved with every frame.
    """

    name: str
    pipeline: str
    call: dict[str, Any] = field(default_factory=dict)
    target: float | None = None
    moving: bool = False


def _fx(name: str, target: float | None, call: dict[str, Any], moving: bool = False) -> Row:
    return Row(f"fx: {name}", "fx", call, target, moving)


def _control(name: str, target: float | None, call: dict[str, Any] | None = None, note: str = "") -> Row:
    return Row(f"control: {name}{note}", "control", {"control_map": name} | (call or {}), target)


def _synth(name: str) -> Row:
    return Row(f"synth: {name}", "synth", {"synth_generator": name})


ROWS = [
    _fx("all off", 1.5, {}),
    _fx("grade, vignette, grain, aberration, posterize", 20.0, _FIVE),
    _fx("the same, sliders moving", 32.0, _FIVE, moving=True),
    _fx("the first thirteen effects", 90.0, _THIRTEEN),
    _fx("the first thirteen, sliders moving", 130.0, _THIRTEEN, moving=True),
    _fx("all 39 effects", None, _ALL),
    _fx("all 39, sliders moving", None, _ALL, moving=True),
    _fx("bloom", 18.0, {"bloom": 1.0}),
    _fx("edge glow", 22.0, {"edge_glow": 1.0}),
    _fx("halftone", 20.0, {"halftone": 1.0}),
    _fx("aberration", 15.0, {"aberration": 0.6}),
    _fx("kaleidoscope", 15.0, {"kaleidoscope": 1.0}),
    _fx("grain", 9.0, {"grain": 0.5}),
    _fx("trails", None, {"trails": 0.8}),
    _fx("glitch", None, {"glitch": 1.0}),
    _fx("pixelate", None, {"pixelate": 0.5}),
    _fx("posterize", None, {"posterize": 1.0}),
    _fx("vignette", None, {"vignette": 0.5}),
    _fx("grade", None, {"grade_exposure": 0.5, "grade_contrast": 0.3, "grade_saturation": 0.2}),
    _fx("stutter", 40.0, {"stutter": 1.0}),
    _fx("slit-scan", 40.0, {"slit_scan": 1.0}),
    _fx("echo", 40.0, {"echo": 0.8}),
    _fx("RGB delay", 40.0, {"rgb_delay": 1.0}),
    _fx("liquid", 40.0, {"liquid": 0.7}),
    _fx("feedback", 40.0, {"feedback": 0.7}),
    _fx("datamosh", 40.0, {"datamosh": 1.0}),
    _fx("pixel sort", 40.0, {"pixel_sort": 0.5}),
    _fx("strobe", 40.0, {"strobe": 1.0}),
    _fx("VHS", 40.0, {"vhs": 1.0}),
    _fx("CRT", 40.0, {"crt": 1.0}),
    _fx("transform", 40.0, {"transform": 1.0}),
    _fx("tile", 40.0, {"tile": 0.5}),
    _fx("droste", 40.0, {"droste": 1.0}),
    _fx("glass", 40.0, {"glass": 1.0}),
    _fx("key, echo", 40.0, {"key": 1.0}),
    _fx("lut, nearest", 10.0, {"lut": 1.0, "lut_quality": "fast"}),
    _fx("lut, tetrahedral", 40.0, {"lut": 1.0}),
    _fx("gradient map", 40.0, {"gradient_map": 1.0}),
    _fx("blur", 40.0, {"blur": 0.6}),
    _fx("blur, motion", 40.0, {"blur": 0.6, "blur_kind": "motion"}),
    _fx("sharpen", 40.0, {"sharpen": 1.0}),
    _fx("oil", 40.0, {"oil": 1.0}),
    _fx("comic", 40.0, {"comic": 1.0}),
    _fx("light rays", 40.0, {"rays": 1.0}),
    _fx("bump light", 40.0, {"bump": 1.0}),
    _fx("dither", 40.0, {"dither": 1.0}),
    _fx("ascii", 40.0, {"ascii": 1.0}),
    _control("canny", 50.0),
    _control("canny", 25.0, {"control_quality": "fast"}, " of brightness"),
    _control("soft_edge", 25.0),
    _control("line_art", 25.0),
    _control("flow", 25.0),
    _control("blur", 6.0, {"control_blur_radius": 7.11}),
    _synth("type"),
    _synth("noise"),
    _synth("cells"),
    _synth("tunnel"),
    _synth("fractal"),
    _synth("water"),
    _synth("stars"),
    _synth("metaballs"),
    _synth("mesh"),
    _synth("bars"),
    _synth("lissajous"),
    _synth("truchet"),
    _synth("fire"),
    _synth("kaleidoscope"),
    _synth("reaction"),
    _synth("flow"),
    _synth("fluid"),
    _synth("cave"),
    _synth("testcard"),
]
