"""The page hears what the server and offline films hear: one analysis, written twice."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from scope.control.bands import RATE, Analyser
from scope.server.app import PAGE

SAMPLES = 48_000
SIZE = 2048  # of AnalyserNode in sound.js

FOLLOW = """
import { follower } from %s;
const follow = follower(%d / %d);
const silence = (one) => (one === null ? -Infinity : one);
const spectra = JSON.parse(await new Response(process.stdin).text());
console.log(JSON.stringify(spectra.map((spectrum) => follow(spectrum.map(silence)))));
"""


def tune(seconds=1.5):
    """Half a second of a low tone, then of a high one, quieter, then clicks on it: float32 in [-1, 1]."""
    time = np.arange(int(SAMPLES * seconds)) / SAMPLES
    wave = np.where(time < 0.5, np.sin(2 * np.pi * 90 * time), 0.1 * np.sin(2 * np.pi * 3000 * time))
    clicks = (time > 1.0) & (time % 0.25 < 0.01)
    return np.where(clicks, np.sin(2 * np.pi * 1000 * time), wave).astype(np.float32)


def spectra(samples):
    """What AnalyserNode gives at each thirtieth of a second: dB of the Blackman-windowed last 2048 samples."""
    held = np.concatenate([np.zeros(SIZE, np.float32), samples])
    window = 0.42 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE) + 0.08 * np.cos(4 * np.pi * np.arange(SIZE) / SIZE)
    for end in range(SAMPLES // RATE, len(samples) + 1, SAMPLES // RATE):
        magnitude = np.abs(np.fft.rfft(held[end : end + SIZE] * window))[: SIZE // 2] / SIZE
        yield [20 * np.log10(x) if x > 0 else None for x in magnitude]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_the_page_and_the_server_give_the_same_levels():
    script = FOLLOW % (json.dumps((PAGE / "sound.js").as_uri()), SAMPLES, SIZE)
    told = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        input=json.dumps(list(spectra(tune()))),
        capture_output=True,
        text=True,
        check=True,
    )
    page, server = json.loads(told.stdout), list(Analyser(SAMPLES).feed(tune()))
    assert len(page) == len(server)
    for name in ("bass", "low", "mid", "high", "level"):
        differences = np.array([abs(a[name] - b[name]) for a, b in zip(page, server, strict=True)])
        # Their windows differ in length and skirts: bands beside a loud tone differ a little, and all where it begins.
        assert np.median(differences) < 0.06, name
    onsets = [[at for at, one in enumerate(side) if one["onset"] == 1.0] for side in (page, server)]
    assert len(onsets[0]) == len(onsets[1]) >= 3
    assert all(abs(a - b) <= 1 for a, b in zip(*onsets, strict=True))
