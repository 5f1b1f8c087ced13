"""A recording of a live show has the sound that belongs to its pictures."""

import asyncio
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from av.audio.stream import AudioStream

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.core.pipelines.registry import Registry
from scope.engine.inline import InlineEngine
from scope.engine.link import OUT
from scope.media.sound import audio_frame
from scope.server.recorder import Recorder, Result
from scope.server.watch import Watch

FPS, RATE = 25, 44100
SECONDS, MOMENT = 1.6, 0.8


class OrganConfig(BasePipelineConfig):
    pipeline_id = "organ"
    pipeline_name = "Organ"
    pipeline_description = "Holds a tone, over the pictures it gets or over grey ones."
    modes = {"video": ModeDefaults(default=True), "text": ModeDefaults()}


class Organ(Pipeline):
    def __init__(self, **load: Any) -> None:
        self._samples = 0

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return OrganConfig

    def prepare(self, **kwargs: Any) -> Requirements:
        return Requirements(input_size=1)

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        count = 16000 // FPS
        tone = 0.5 * torch.sin((self._samples + torch.arange(count)) * 0.2)
        self._samples += count
        video = torch.cat(kwargs["video"]) / 255 if "video" in kwargs else torch.full((1, 48, 64, 3), 0.5)
        return {"video": video, "frame_rate": FPS, "audio": tone, "audio_sample_rate": 16000}


class QuartetConfig(BasePipelineConfig):
    pipeline_id = "quartet"
    pipeline_name = "Quartet"
    pipeline_description = "Passes four pictures on at a time, late; the first ones as late as a model that compiles."
    modes = {"video": ModeDefaults(default=True)}


class Quartet(Pipeline):
    def __init__(self, **load: Any) -> None:
        self._seconds = 1.0

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return QuartetConfig

    def prepare(self, **kwargs: Any) -> Requirements:
        return Requirements(input_size=4)

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        time.sleep(self._seconds)
        self._seconds = 0.1
        return {"video": torch.cat(kwargs["video"]) / 255}


class GongConfig(BasePipelineConfig):
    pipeline_id = "gong"
    pipeline_name = "Gong"
    pipeline_description = (
        "Makes a second at a time: white pictures and a tone at its end, black ones and silence before."
    )
    modes = {"text": ModeDefaults(default=True)}


class Gong(Pipeline):
    def __init__(self, **load: Any) -> None:
        pass

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return GongConfig

    def prepare(self, **kwargs: Any) -> None:
        return None

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        times = torch.arange(16000) / 16000
        sound = (times >= 0.8) * 0.8 * torch.sin(times * 6000)
        white = (torch.arange(FPS) >= 0.8 * FPS).float()
        video = white.reshape(-1, 1, 1, 1).expand(FPS, 48, 64, 3)
        return {"video": video, "frame_rate": FPS, "audio": sound.repeat(2, 1), "audio_sample_rate": 16000}


@pytest.fixture
def clip(tmp_path) -> Callable[..., Path]:
    """A film that flashes white and beeps at the same moment, for as long as five pictures."""

    def make(*, sound: bool = True) -> Path:
        path = tmp_path / "clip.mkv"
        with av.open(str(path), "w") as container:
            video = container.add_stream("mpeg4", rate=FPS)
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            audio = container.add_stream("pcm_s16le", rate=RATE, layout="mono") if sound else None
            for i in range(round(SECONDS * FPS)):
                value = 255 if 0 <= i - MOMENT * FPS < 5 else 0
                frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), value, np.uint8), "rgb24")
                frame.pts, frame.time_base = i, Fraction(1, FPS)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
            if isinstance(audio, AudioStream):
                container.mux([*audio.encode(beep()), *audio.encode(None)])
        return path

    return make


def beep() -> av.AudioFrame:
    times = np.arange(round(SECONDS * RATE)) / RATE
    wave = np.where((times >= MOMENT) & (times < MOMENT + 5 / FPS), 0.8 * np.sin(times * 6000), 0.0)
    mono = av.AudioResampler("s16", "mono", RATE)
    return mono.resample(audio_frame(wave[None].astype(np.float32), RATE, 0))[0]


def recorded(
    folder: Path,
    source: dict[str, Any],
    *stages: str,
    seconds: float,
    feed: Callable[[InlineEngine, threading.Event], None] | None = None,
) -> Path:
    """So many seconds of a show in this process; `feed` brings its input, in a thread, until the event."""
    registry = Registry()
    for pipeline in (Organ, Quartet, Gong):
        registry.register(pipeline)
    mode = "text" if source["kind"] == "none" else "video"
    parts = [
        {"id": name, "pipeline": name, "role": "main", "on": True, "mode": mode, "load": {}, "values": {}}
        for name in stages
    ]
    engine = InlineEngine(registry=registry)
    watch = Watch(engine)
    watch.claim("test", OUT, 60.0)
    engine.start({"scope": 1, "source": source, "stages": parts})
    ended = threading.Event()
    feeding = threading.Thread(target=feed or (lambda *_: None), args=(engine, ended), name="test:feed")
    feeding.start()
    try:
        while engine.frame(OUT, 1, 1.0) is None:
            pass
        recorder = Recorder(folder, engine, watch, lambda _: None)
        result = asyncio.run(take(recorder, seconds))
        assert result.problem is None
        return folder / result.name
    finally:
        ended.set()
        feeding.join()
        engine.stop()


async def take(recorder: Recorder, seconds: float) -> Result:
    recorder.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(0.05)
    return await recorder.stop()


def flashes(path: Path) -> list[float]:
    """When the picture turns white."""
    with av.open(str(path)) as container:
        frames = [
            (frame.time or 0.0, frame.to_ndarray(format="gray").mean() > 128) for frame in container.decode(video=0)
        ]
    return [time for (_, before), (time, white) in pairwise(frames) if white and not before]


def beeps(path: Path) -> list[float]:
    """When it gets loud, to 5 ms."""
    return [float(i) * 0.005 for i in np.flatnonzero(np.diff(loudness(path)) > 0) + 1]


def loudness(path: Path) -> np.ndarray:
    """Whether each 5 ms of the sound are loud."""
    with av.open(str(path)) as container:
        frames = [(round((frame.time or 0.0) * 48000), frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    wave = np.zeros(frames[-1][0] + len(frames[-1][1]))
    for start, samples in frames:
        wave[max(0, start) : start + len(samples)] = samples[max(0, -start) :]
    return (np.abs(wave[: len(wave) // 240 * 240].reshape(-1, 240)).max(axis=1) > 0.2).astype(int)


def streams(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def offsets(film: Path) -> list[float]:
    """How much later than each flash the nearest beep is, in seconds.

    Without the film's edges: what sounds there may have been sent before the recording began, or end with it.
    """
    heard, end = beeps(film), len(loudness(film)) * 0.005
    seen = [flash for flash in flashes(film) if 0.6 < flash < end - 0.2]
    return [min((beep - flash for beep in heard), key=abs) for flash in seen]


@pytest.mark.parametrize("stages", [(), ("quartet",)])
def test_the_sound_of_a_looping_file_is_in_sync_with_its_pictures(tmp_path, clip, stages):
    film = recorded(tmp_path / "out", {"kind": "file", "path": str(clip())}, *stages, seconds=4.2)
    assert len(offsets(film)) >= 2
    assert np.allclose(offsets(film), 0.0, atol=0.05)


def test_the_sound_of_a_pipeline_is_in_sync_with_its_pictures(tmp_path):
    film = recorded(tmp_path / "out", {"kind": "none"}, "gong", seconds=3.4)
    assert len(offsets(film)) >= 2
    assert np.allclose(offsets(film), 0.0, atol=0.05)


def camera(engine: InlineEngine, ended: threading.Event) -> None:
    """A client's camera and microphone: every 0.6 s five white pictures and a beep, both as long."""
    began, times = time.monotonic_ns(), np.arange(48000 // FPS) / 48000
    tone = np.tile(0.8 * np.sin(times * 6000), (2, 1)).astype(np.float32)
    number = 0
    while not ended.wait(max(0.0, number / FPS - (time.monotonic_ns() - began) / 1e9)):
        captured, on = began + number * 10**9 // FPS, number % 15 < 5
        engine.put_frame(np.full((48, 64, 3), 255 * on, np.uint8), captured)
        engine.put_sound(tone * on, captured)
        number += 1


@pytest.mark.parametrize("stages", [(), ("quartet",)])
def test_the_sound_of_a_camera_is_in_sync_with_its_pictures(tmp_path, stages):
    film = recorded(tmp_path / "out", {"kind": "camera"}, *stages, seconds=2.4, feed=camera)
    assert len(offsets(film)) >= 2
    assert np.allclose(offsets(film), 0.0, atol=0.05)


def test_a_silent_file_makes_no_track(tmp_path, clip):
    film = recorded(tmp_path / "out", {"kind": "file", "path": str(clip(sound=False))}, seconds=1.5)
    assert streams(film) == ["video"]


@pytest.mark.parametrize("source", ["none", "file"])
def test_what_a_pipeline_makes_is_heard_instead_of_the_source(tmp_path, clip, source):
    spec = {"kind": "none"} if source == "none" else {"kind": "file", "path": str(clip())}
    film = recorded(tmp_path / "out", spec, "organ", seconds=2.0)
    assert streams(film) == ["video", "audio"]
    assert loudness(film)[100:-100].mean() > 0.8
