"""Mutants of building, calling and frames."""

import torch
from mutants.clean import Gain, GainConfig, Trail, number
from mutants.registry import mutant
from pydantic import Field

from scope.core.pipelines.base_schema import ui_field_config


@mutant("X001")
class NeedsPath(Gain):
    def __init__(self, checkpoint, **load):
        super().__init__(**load)


@mutant("X002")
class KnowsItsNames(Gain):
    def __init__(self, **load):
        assert set(load) <= set(self.config.model_fields), "unexpected name"
        super().__init__(**load)


@mutant("X006")
class Fails(Gain):
    def take(self, video):
        raise RuntimeError("no such kernel")


@mutant("X007")
class Scarce(Gain):
    left = 12

    def __init__(self, **load):
        super().__init__(**load)
        type(self).left -= 1
        if self.left < 0:
            raise RuntimeError("out of handles")


@mutant("F001")
class FloatsOnly(Gain):
    def take(self, video):
        assert video[0].dtype.is_floating_point
        return super().take(video)


@mutant("F002")
class BytesOnly(Gain):
    def take(self, video):
        assert video[0].dtype == torch.uint8
        return super().take(video)


@mutant("F003")
class GuessesRange(Gain):
    def fit(self, frame, height, width):
        frame = frame * 255.0
        return super().fit(frame / 255.0 if frame.max() > 1.0 else frame, height, width)

    def take(self, video):
        if video[0].dtype == torch.uint8:
            return Gain().take(video)
        return super().take(video)


@mutant("F004")
class OneFrame(Gain):
    def take(self, video):
        (frame,) = video
        return super().take([frame])


@mutant("F005")
class BigKernel(Gain):
    def effect(self, frames, kwargs):
        planes = super().effect(frames, kwargs).permute(0, 3, 1, 2)
        padded = torch.nn.functional.pad(planes, (9, 9, 9, 9), mode="reflect")
        return padded[:, :, 9:-9, 9:-9].permute(0, 2, 3, 1)


@mutant("F006")
class FixedBuffer(Trail):
    def effect(self, frames, kwargs):
        if self.last is not None:
            frames = frames + 0.0 * self.last
        return super().effect(frames, kwargs)


@mutant("F007")
class StacksAsIs(Gain):
    def fit(self, frame, height, width):
        return frame


@mutant("F008")
class RawView(Gain):
    def take(self, video):
        return super().take([frame.view(-1, 3).view(frame.shape) for frame in video])


@mutant("F009")
class InPlace(Gain):
    def take(self, video):
        return super().take([frame.to(torch.float32).div_(255.0).mul(255.0) for frame in video])


@mutant("F010")
class GivesNumpy(Gain):
    def show(self, frames):
        return super().show(frames).numpy()


@mutant("F010", how="by a tensor alone")
class GivesTensor(Gain):
    def __call__(self, **kwargs):
        return super().__call__(**kwargs)["video"]


@mutant("F011")
class Planar(Gain):
    def show(self, frames):
        return super().show(frames).permute(0, 3, 1, 2)


@mutant("F012")
class NotNormalised(Gain):
    def show(self, frames):
        return frames * 255.0


@mutant("F013")
class DividesByRange(Gain):
    def effect(self, frames, kwargs):
        stretched = (frames - frames.min()) / (frames.max() - frames.min())
        return super().effect(frames, kwargs) + 0.0 * stretched


@mutant("F013", how="in every call")
class DividesByZero(Gain):
    def show(self, frames):
        return frames / 0.0 * 0.0


@mutant("F014")
class Bytes(Gain):
    def show(self, frames):
        return (super().show(frames) * 255.0).to(torch.uint8)


class BlackConfig(GainConfig):
    pipeline_id = "mutant-black"
    gain: float = Field(
        default=0.0, ge=0.0, le=2.0, description="Brightness", json_schema_extra=ui_field_config(order=1, label="Gain")
    )


@mutant("F015")
class Black(Gain):
    config = BlackConfig

    def effect(self, frames, kwargs):
        return super().effect(frames, kwargs | {"gain": number(kwargs.get("gain"), 0.0, 0.0, 2.0)})


@mutant("F016")
class Learns(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.weight = torch.nn.Parameter(torch.ones(()))

    def __call__(self, **kwargs):
        with torch.inference_mode(False):
            return {"video": self.show(self.effect(self.take(kwargs["video"]), kwargs) * self.weight)}


@mutant("F017")
class Doubles(Gain):
    def show(self, frames):
        return super().show(frames).repeat_interleave(2, dim=0)


@mutant("F018")
class PicksBright(Gain):
    def effect(self, frames, kwargs):
        assert frames[frames > 0.5].numel() > 0, "nothing bright"
        return super().effect(frames, kwargs)

    def take(self, video):
        return super().take(video) if min(video[0].shape[1:3]) > 40 else super().take(video).clamp(min=0.6)


@mutant("F019")
class ReusesBuffer(Gain):
    def __init__(self, **load):
        super().__init__(**load)
        self.buffer = torch.empty(0)

    def show(self, frames):
        if self.buffer.shape != frames.shape:
            self.buffer = torch.empty_like(frames)
        return self.buffer.copy_(super().show(frames))


@mutant("F018", how="behind a parameter")
class LogOfLight(Gain):
    """Fails on black frames, with the tint on only."""

    def effect(self, frames, kwargs):
        assert kwargs.get("tint") != "red" or frames.max() > 0.0, "nothing to tint"
        return super().effect(frames, kwargs)


@mutant("F020")
class Circular(Gain):
    """Blurs across the edge of the frame."""

    def effect(self, frames, kwargs):
        planes = torch.nn.functional.pad(frames.permute(0, 3, 1, 2), (1, 1, 1, 1), mode="circular")
        return super().effect(torch.nn.functional.avg_pool2d(planes, 3, stride=1).permute(0, 2, 3, 1), kwargs)


@mutant("F020", how="by a shift behind a menu")
class Rolls(Gain):
    def effect(self, frames, kwargs):
        shifted = torch.roll(frames, 5, dims=1) if kwargs.get("tint") == "red" else frames
        return super().effect(shifted, kwargs)


class HumConfig(GainConfig):
    pipeline_id = "mutant-hum"
    produces_video = False
    produces_audio = True


@mutant("F021")
class Silent(Gain):
    config = HumConfig

    def __call__(self, **kwargs):
        return {"sound": torch.zeros(2, 800)}


@mutant("F021", how="without a rate")
class Rateless(Gain):
    def __call__(self, **kwargs):
        return super().__call__(**kwargs) | {"audio": torch.zeros(2, 800)}
