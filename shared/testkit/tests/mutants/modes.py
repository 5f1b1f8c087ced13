"""Mutants of modes."""

import time

import torch
from mutants.clean import Both, Gain, Wave
from mutants.registry import mutant

from scope.core.pipelines.interface import Requirements


@mutant("M001")
class AnswersWithNumber(Gain):
    def prepare(self, **kwargs):
        return 1


@mutant("M002")
class WantsTooMany(Gain):
    def prepare(self, **kwargs):
        return Requirements(input_size=31)


@mutant("M003")
class ChangesItsMind(Gain):
    asked = 0

    def prepare(self, **kwargs):
        self.asked += 1
        return Requirements(input_size=1 + self.asked % 2)


@mutant("M004")
class ThinksLong(Gain):
    def prepare(self, **kwargs):
        time.sleep(0.01)
        return Requirements(input_size=1)


@mutant("M005")
class AsksForNothing(Gain):
    def prepare(self, **kwargs):
        return None


@mutant("M006")
class WantsFramesFromText(Both):
    def prepare(self, **kwargs):
        return Requirements(input_size=1)


@mutant("M007")
class VideoIsBroken(Both):
    def over(self, video, wave):
        raise NotImplementedError("video")


@mutant("M008")
class LosesItsWay(Both):
    mode = None

    def __call__(self, **kwargs):
        mode = "text" if kwargs.get("video") is None else "video"
        assert kwargs.get("init_cache") or self.mode in (mode, None), "another mode"
        self.mode = mode
        return super().__call__(**kwargs)


@mutant("M009")
class ListOnly(Wave):
    def prompt(self, kwargs):
        return super().prompt({"prompts": kwargs.get("prompts")})


@mutant("M010")
class TextOnly(Wave):
    def prompt(self, kwargs):
        return super().prompt({"prompt": kwargs.get("prompt")})


@mutant("M011")
class IgnoresPrompts(Wave):
    def prompt(self, kwargs):
        return ""


@mutant("M012")
class CountsCalls(Wave):
    calls = 0

    def seconds(self, kwargs):
        self.calls = 1 if kwargs.get("init_cache") else self.calls + 1
        return self.calls / 47.0


@mutant("M013")
class NeverReady(Wave):
    def __call__(self, **kwargs):
        return {}


@mutant("M014")
class TakesOver(Gain):
    def __call__(self, **kwargs):
        return super().__call__(**kwargs) | {"init_cache": True}


@mutant("M015")
class ControlInTime(Gain):
    def __call__(self, **kwargs):
        result = super().__call__(**kwargs)
        return result | {"vace_input_frames": result["video"].permute(3, 0, 1, 2)[None].transpose(1, 2)}


@mutant("M016")
class NamesakeKey(Gain):
    def __call__(self, **kwargs):
        assert not isinstance(kwargs.get("gain"), torch.Tensor), "gain is a tensor"
        result = super().__call__(**kwargs)
        return result | {"gain": result["video"].mean(dim=(1, 2, 3))}
