"""Small plugins without fault, written like the reference text's; mutants change one thing about them."""

import hashlib
import math
import time
from enum import StrEnum

import torch
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, ui_field_config
from scope.core.pipelines.interface import Pipeline, Requirements


class Tint(StrEnum):
    NONE = "none"
    RED = "red"


class GainConfig(BasePipelineConfig):
    pipeline_id = "mutant-gain"
    pipeline_name = "Gain"
    pipeline_description = "Brightens and tints"
    supports_prompts = False
    modes = {"video": ModeDefaults(default=True)}

    gain: float = Field(
        default=1.0,
        ge=0.0,
        le=2.0,
        description="Brightness",
        json_schema_extra=ui_field_config(order=1, label="Gain"),
    )
    tint: Tint = Field(
        default=Tint.NONE, description="Color cast", json_schema_extra=ui_field_config(order=2, label="Tint")
    )
    lift: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Levels added to black",
        json_schema_extra=ui_field_config(order=3, label="Lift", is_load_param=True),
    )


def number(value: object, default: float, low: float, high: float) -> float:
    """A host's value as a number inside its bounds; the default for anything else."""
    try:
        given = float(value)  # ty: ignore[invalid-argument-type]
    except (TypeError, ValueError):
        return default
    return min(max(given, low), high) if math.isfinite(given) else default


class Gain(Pipeline):
    config = GainConfig

    @classmethod
    def get_config_class(cls):
        return cls.config

    def __init__(self, **load):
        self.lift = number(load.get("lift"), 0.0, 0.0, 64.0) / 255.0

    def prepare(self, **kwargs):
        return Requirements(input_size=1)

    @torch.inference_mode()
    def __call__(self, **kwargs):
        return {"video": self.show(self.effect(self.take(kwargs["video"]), kwargs))}

    def take(self, video):
        """Frames of any size as THWC in [0, 1], all of the first one's size."""
        height, width = video[0].shape[1:3]
        return torch.cat([self.fit(frame.to(torch.float32) / 255.0, height, width) for frame in video])

    def fit(self, frame, height, width):
        planes = frame.permute(0, 3, 1, 2)
        return torch.nn.functional.interpolate(planes, (height, width), mode="nearest").permute(0, 2, 3, 1)

    def effect(self, frames, kwargs):
        gain = number(kwargs.get("gain"), 1.0, 0.0, 2.0)
        tinted = frames * torch.tensor([1.0, 0.5, 0.5]) if kwargs.get("tint") == "red" else frames
        return tinted * gain + self.lift

    def show(self, frames):
        return frames.clamp(0.0, 1.0)


class TrailConfig(GainConfig):
    pipeline_id = "mutant-trail"
    pipeline_name = "Trail"


class Trail(Gain):
    """Mixes each frame with the ones before it: a pipeline with state."""

    config = TrailConfig

    def __init__(self, **load):
        super().__init__(**load)
        self.last = None

    @torch.inference_mode()
    def __call__(self, **kwargs):
        if kwargs.get("init_cache"):
            self.restart()
        frames = self.effect(self.take(kwargs["video"]), kwargs)
        if self.last is not None and self.last.shape == frames[0].shape:
            frames = 0.5 * frames + 0.5 * self.last
        self.last = frames[-1]
        return {"video": self.show(frames)}

    def restart(self):
        self.last = None


class WaveConfig(BasePipelineConfig):
    pipeline_id = "mutant-wave"
    pipeline_name = "Wave"
    pipeline_description = "A wave in the prompt's color"
    modes = {"text": ModeDefaults(default=True)}

    speed: float = Field(
        default=1.0,
        ge=0.0,
        le=4.0,
        description="Turns a second",
        json_schema_extra=ui_field_config(order=1, label="Speed"),
    )


class Wave(Pipeline):
    config = WaveConfig

    @classmethod
    def get_config_class(cls):
        return cls.config

    def __init__(self, **load):
        self.start = None

    @torch.inference_mode()
    def __call__(self, **kwargs):
        if kwargs.get("init_cache"):
            self.start = None
        return {"video": self.draw(self.seconds(kwargs), kwargs)}

    def seconds(self, kwargs):
        if kwargs.get("frame_time") is not None:
            return kwargs["frame_time"]
        if self.start is None:
            self.start = time.monotonic()
        return time.monotonic() - self.start

    def draw(self, seconds, kwargs):
        speed = number(kwargs.get("speed"), 1.0, 0.0, 4.0)
        phase = torch.linspace(0.0, 6.0, 96) + 6.2832 * speed * seconds
        row = 0.5 + 0.5 * torch.sin(phase)
        return row[None, None, :, None].expand(1, 64, 96, 3) * self.color(self.prompt(kwargs))

    def prompt(self, kwargs):
        prompts = kwargs.get("prompts")
        listed = prompts[0]["text"] if isinstance(prompts, list) and prompts else ""
        return listed or str(kwargs.get("prompt") or "")

    def color(self, prompt):
        digest = hashlib.sha256(prompt.encode()).digest()
        return torch.tensor([0.5 + byte / 510.0 for byte in digest[:3]])


class BothConfig(WaveConfig):
    pipeline_id = "mutant-both"
    pipeline_name = "Both"
    modes = {"text": ModeDefaults(default=True), "video": ModeDefaults()}


class Both(Wave):
    """A wave over the video, or over nothing."""

    config = BothConfig

    def prepare(self, **kwargs):
        return Requirements(input_size=1) if kwargs.get("video") is not None else None

    @torch.inference_mode()
    def __call__(self, **kwargs):
        wave = super().__call__(**kwargs)["video"]
        video = kwargs.get("video")
        return {"video": wave if video is None else self.over(video, wave)}

    def over(self, video, wave):
        frames = Gain.take(Gain(), video)
        planes = torch.nn.functional.interpolate(wave.permute(0, 3, 1, 2), frames.shape[1:3])
        return 0.5 * frames + 0.5 * planes.permute(0, 2, 3, 1)


class FadeConfig(GainConfig):
    pipeline_id = "mutant-fade"
    pipeline_name = "Fade"

    gain: float = Field(
        default=0.5,
        ge=0.0,
        le=2.0,
        description="Brightness; passthrough at 1",
        json_schema_extra=ui_field_config(order=1, label="Gain"),
    )

    @classmethod
    def keeps_state(cls, values):
        return False


class Fade(Gain):
    """Keeps what its tooltip promises, and no state."""

    config = FadeConfig

    def effect(self, frames, kwargs):
        return super().effect(frames, kwargs | {"gain": number(kwargs.get("gain"), 0.5, 0.0, 2.0)})


class TurnConfig(GainConfig):
    pipeline_id = "mutant-turn"
    pipeline_name = "Turn"

    gain: float = Field(
        default=0.0,
        ge=0.0,
        le=2.0,
        description="Turns of the color wheel",
        json_schema_extra=ui_field_config(order=1, label="Turns"),
    )


class Turn(Gain):
    """Its control goes round: bounds, middle and default are all the same full turn."""

    config = TurnConfig

    def effect(self, frames, kwargs):
        turns = number(kwargs.get("gain"), 0.0, 0.0, 2.0)
        share = 0.5 + 0.5 * math.cos(2.0 * math.pi * turns)
        return super().effect(share * frames + (1.0 - share) * frames.flip(-1), kwargs | {"gain": 1.0})


class Mirror(Gain):
    """What is at one edge shows at the other, as it should."""

    def effect(self, frames, kwargs):
        return super().effect(torch.maximum(frames, frames.flip(2)), kwargs)


class HumConfig(GainConfig):
    pipeline_id = "mutant-hum"
    pipeline_name = "Hum"
    produces_video = False
    produces_audio = True


class Hum(Gain):
    """Makes sound only."""

    config = HumConfig

    def __call__(self, **kwargs):
        volume = self.volume(kwargs) * (1.0 - self.lift)
        pitch = 2.0 if kwargs.get("tint") == "red" else 1.0
        wave = volume * torch.sin(torch.arange(1600) / 20.0 * pitch)
        return {"audio": wave.expand(2, -1), "audio_sample_rate": 48000}

    def volume(self, kwargs):
        return 0.1 * number(kwargs.get("gain"), 1.0, 0.0, 2.0)


CLEAN = (Gain, Fade, Trail, Wave, Both, Turn, Mirror, Hum)
