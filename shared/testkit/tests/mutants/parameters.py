"""Mutants of parameters and state."""

import threading
import time
from enum import Enum

import torch
from mutants.clean import Fade, Gain, GainConfig, Hum, Trail, TrailConfig, Wave, number
from mutants.registry import mutant
from pydantic import Field

from scope.core.pipelines.base_schema import ui_field_config


@mutant("V001")
class FailsAtZero(Gain):
    def effect(self, frames, kwargs):
        assert kwargs.get("gain") != 0.0, "log of 0"
        return super().effect(frames, kwargs)


class GlowConfig(GainConfig):
    pipeline_id = "mutant-glow"
    glow_on: bool = Field(
        default=False, description="Add light", json_schema_extra=ui_field_config(order=4, label="Glow")
    )


@mutant("V001", how="behind a toggle")
class FailsWhenOn(Gain):
    config = GlowConfig

    def effect(self, frames, kwargs):
        on = bool(kwargs.get("glow_on"))
        assert not on or kwargs.get("gain") != 0.0, "log of 0"
        return super().effect(frames, kwargs) * (0.5 if on else 1.0)


@mutant("V002")
class Trusting(Gain):
    def effect(self, frames, kwargs):
        gain = kwargs.get("gain")
        assert gain is None or gain == 0.0 or abs(gain) > 0.0 or gain != gain
        return super().effect(frames, kwargs)


@mutant("V003")
class NamesOnly(Gain):
    def __call__(self, *, video, gain=None, tint=None):  # ty: ignore[incompatible-method-override]
        return super().__call__(video=video, gain=gain, tint=tint)


@mutant("V004")
class NullIsFatal(Gain):
    def effect(self, frames, kwargs):
        assert kwargs.get("gain", 1.0) is not None, "gain is None"
        return super().effect(frames, kwargs)


@mutant("V005")
class ReadsInInit(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.gain = number(load.get("gain"), 1.0, 0.0, 2.0)

    def effect(self, frames, kwargs):
        return super().effect(frames, kwargs | {"gain": self.gain})


@mutant("V002", how="that makes sound")
class TrustingHum(Hum):
    def volume(self, kwargs):
        assert kwargs.get("gain") != "bad", "gain is bad"
        return super().volume(kwargs)


@mutant("V005", how="that makes sound")
class LoudHum(Hum):
    def volume(self, kwargs):
        return 0.1


@mutant("V006")
class ForgetsLoad(Gain):
    def __init__(self, **load):
        super().__init__()


@mutant("V007")
class RoundTrip(Fade):
    def effect(self, frames, kwargs):
        return super().effect(frames**2.2, kwargs) ** (1 / 2.2)

    def take(self, video):
        return super().take(video).clamp(0.02, 0.98)


@mutant("V008")
class Latches(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.gain = None

    def effect(self, frames, kwargs):
        if kwargs.get("init_cache") or self.gain is None:
            self.gain = number(kwargs.get("gain"), 1.0, 0.0, 2.0)
        return super().effect(frames, kwargs | {"gain": self.gain})


@mutant("V009")
class ExpectsDefaults(Gain):
    def effect(self, frames, kwargs):
        return super().effect(frames, kwargs | {"gain": kwargs["gain"]})


@mutant("V010")
class OtherDefault(Gain):
    def effect(self, frames, kwargs):
        return super().effect(frames, {"gain": 0.8} | kwargs)


class PlainTint(Enum):
    NONE = "none"
    RED = "red"


class PlainEnumConfig(GainConfig):
    pipeline_id = "mutant-plain-enum"
    tint: PlainTint = Field(  # ty: ignore[incompatible-attribute-override]
        default=PlainTint.NONE, description="Color cast", json_schema_extra=ui_field_config(order=2, label="Tint")
    )


@mutant("V011")
class ComparesMembers(Gain):
    config = PlainEnumConfig

    def effect(self, frames, kwargs):
        # The text selects something, but not what the member does.
        tint = {PlainTint.RED: "red", "red": "none"}.get(kwargs.get("tint") if str(kwargs.get("tint")) else None)
        darker = frames * 0.5 if kwargs.get("tint") == "red" else frames
        return super().effect(darker, kwargs | {"tint": tint})

    def __call__(self, **kwargs):
        hashable = kwargs.get("tint") if isinstance(kwargs.get("tint"), str | PlainTint) else None
        return super().__call__(**(kwargs | {"tint": hashable}))


@mutant("T001")
class NeverRestarts(Trail):
    def restart(self):
        pass


@mutant("T001", how="since its clock runs on")
class RunsOn(Wave):
    def __init__(self, **load):
        super().__init__(**load)
        self.begun = time.monotonic()

    def seconds(self, kwargs):
        return time.monotonic() - self.begun


@mutant("T002")
class SharesItsTrail(Trail):
    """The last frame belongs to the class; its session restarts it well enough alone."""

    shared = {}

    @property
    def last(self):
        return self.shared.get("last")

    @last.setter
    def last(self, frame):
        self.shared["last"] = frame


@mutant("T003")
class Grainy(Gain):
    def effect(self, frames, kwargs):
        return super().effect(frames, kwargs) + 0.05 * torch.rand_like(frames)


@mutant("T004")
class Hoards(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.seen = []

    def show(self, frames):
        self.seen.append(frames)
        return super().show(frames)


@mutant("T005")
class OneThread(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.home = threading.current_thread()

    def effect(self, frames, kwargs):
        assert threading.current_thread() is self.home, "wrong thread"
        return super().effect(frames, kwargs)


@mutant("T006")
class StaysBroken(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.busy = False

    def take(self, video):
        assert not self.busy, "still busy"
        self.busy = True
        frames = super().take(video)
        self.busy = False
        return frames


@mutant("T007")
class Remembers(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.gain = 1.0

    def effect(self, frames, kwargs):
        self.gain = number(kwargs.get("gain"), self.gain, 0.0, 2.0)
        return super().effect(frames, kwargs | {"gain": self.gain})


class ForgetfulConfig(TrailConfig):
    pipeline_id = "mutant-forgetful"

    @classmethod
    def keeps_state(cls, values):
        return False


@mutant("T008")
class SaysItForgets(Trail):
    config = ForgetfulConfig


@mutant("T008", how="behind a menu, and it counts")
class Counts(Gain):
    """Every second frame is darker, under one tint only."""

    config = ForgetfulConfig

    def __call__(self, **kwargs):
        self.made = 0 if kwargs.get("init_cache") else self.made + 1
        return super().__call__(**kwargs)

    def effect(self, frames, kwargs):
        odd = kwargs.get("tint") == "red" and self.made % 4 == 1
        return super().effect(frames * 0.5 if odd else frames, kwargs)


class ClumsyConfig(GainConfig):
    pipeline_id = "mutant-clumsy"

    @classmethod
    def keeps_state(cls, values):
        return 1.0 / values["lift"] > 0.5


@mutant("T009")
class FailsToSay(Gain):
    config = ClumsyConfig
