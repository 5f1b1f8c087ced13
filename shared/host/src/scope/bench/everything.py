"""`scope bench host --everything MINUTES`: a whole show, and what becomes of its beat and of its memory.

Tempo, modulation, a cue list on the beat, OSC, MIDI, levels of sound, a stream to another program and a viewer, all at
once, on a server with an engine of its own.
"""

import io
import json
import math
import socket
import statistics
import threading
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psutil
from PIL import Image
from pythonosc.udp_client import SimpleUDPClient
from websockets.sync.client import connect

from scope.bench import barcode
from scope.bench.figures import quantile
from scope.bench.served import Served, serving, until
from scope.bench.soak import MB_A_MINUTE, SETTLING_SECONDS, Sample, filters, memory_slope
from scope.control.fields import live_fields
from scope.control.modulation import number_field
from scope.control.tempo import Tempo

BPM = 126.0
# What a beat may be off against the clock of the machine.
MOST_DRIFT_MS = 5.0
_SOURCE = {"kind": "sample", "width": 320, "height": 180, "fps": 30}
_HANDS_A_SECOND = 20


@dataclass
class Counts:
    """What was seen of the show from outside. `late_ms`: of each cue, from its beat until a client hears of it."""

    late_ms: list[float] = field(default_factory=list)
    pictures: int = 0
    streamed_kb: float = 0.0


@dataclass
class Result:
    """`drift_ms`: how far the beat that the pipelines are told has moved against the clock since the first samples."""

    samples: list[Sample] = field(default_factory=list)
    drift_ms: list[float] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    osc_taken: int = 0
    osc_refused: int = 0
    frames_out: int = 0
    problem: str | None = None


def run(minutes: float) -> int:
    """Play, print, and return 1 if the beat drifts, memory grows, or something of it does not play."""
    result = measured(minutes * 60.0)
    first, last, slope = result.samples[0], result.samples[-1], memory_slope(result.samples)
    p95, most = quantile(sorted(map(abs, result.drift_ms)), 0.95), max(map(abs, result.drift_ms))
    counts = result.counts
    print(f"{len(result.samples)} samples in {last.seconds / 60:.1f} minutes")
    print(
        f"beat      {p95:.2f} ms off against the clock (p95), {most:.2f} at most; {ending(result):+.2f} ms at the end"
    )
    print(f"memory    {first.memory_mb:.0f} to {last.memory_mb:.0f} MB, {slope:+.2f} MB a minute")
    print(f"handles   {first.handles} to {last.handles}")
    print(f"threads   {first.threads} to {last.threads}")
    ends = [_median_of_tenth(counts.late_ms, which) for which in (0, -1)]
    print(
        f"cues      {len(counts.late_ms)}, heard {ends[0]:+.1f} ms after their beat in the first tenth, "
        f"{ends[1]:+.1f} in the last"
    )
    print(f"OSC       {result.osc_taken} taken and {result.osc_refused} refused")
    print(f"pictures  {counts.pictures} viewed, {result.frames_out} streamed ({counts.streamed_kb:.0f} kB came)")
    works = counts.late_ms and counts.pictures and counts.streamed_kb and result.osc_taken and not result.problem
    return int(not works or abs(ending(result)) >= MOST_DRIFT_MS or slope > MB_A_MINUTE)


def ending(result: Result) -> float:
    """The drift over the whole time: the median of the last tenth of the samples, of which a busy machine delays some."""
    return _median_of_tenth(result.drift_ms, -1)


def _median_of_tenth(values: Sequence[float], which: int) -> float:
    """Of the first tenth with 0, of the last with -1."""
    count = max(1, len(values) // 10)
    return statistics.median(values[-count:] if which else values[:count])


def measured(seconds: float, settling: float = SETTLING_SECONDS) -> Result:
    """Play for so long, after some seconds to settle, with a sample each second.

    Raises:
        BenchError: the server, the engine or the pipelines do not come up.
    """
    result = Result()
    with ExitStack() as stack:
        served = stack.enter_context(serving())
        stack.enter_context(_everything(served, result.counts))
        until(lambda: result.counts.pictures and result.counts.streamed_kb, "pictures")
        time.sleep(settling)
        start, reference = time.monotonic(), _beat_against_clock(served)
        while not result.samples or time.monotonic() - start < seconds:
            result.samples.append(_sample(served, start))
            result.drift_ms.append(_apart(_beat_against_clock(served), reference))
            time.sleep(max(0.0, start + len(result.samples) - time.monotonic()))
        # One delayed look at the beginning would stand in every sample.
        steady = _median_of_tenth(result.drift_ms, 0)
        result.drift_ms = [drift - steady for drift in result.drift_ms]
        osc, (output, *_) = served.get("osc/status"), served.get("outputs")["outputs"]
        result.osc_taken, result.osc_refused = osc["taken"], osc["refused"]
        result.frames_out, result.problem = output["frames"], output["problem"]
    return result


@contextmanager
def _everything(served: Served, counts: Counts) -> Generator[None]:
    """A show with everything on, and the hands, programs and viewers around it, until the block ends."""
    ended = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stream:
        stream.bind(("127.0.0.1", 0))
        stream.settimeout(0.5)
        document = _document(served.get("pipelines")["pipelines"])
        served.put("setup", {"setup": document})
        until(lambda: served.get("pipeline/status")["status"] == "loaded", "the pipelines")
        osc = _free_port()
        served.put("osc", {"enabled": True, "port": osc})
        served.post("outputs", {"kind": "network", "address": f"udp://127.0.0.1:{stream.getsockname()[1]}"})
        served.post("cue", {"do": "go"})
        crew = {
            "viewer": lambda: _view(served, counts, ended),
            "hands": lambda: _move(served, document, osc, counts, ended),
            "stream": lambda: _receive(stream, counts, ended),
        }
        threads = [threading.Thread(target=work, name=f"scope:bench:{name}") for name, work in crew.items()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def _document(pipelines: Mapping[str, Any]) -> dict[str, Any]:
    """The set-up: two of the installed filters, whose numbers are moved by waves, scenes, a knob and OSC."""
    stages = [*filters(pipelines, 2), {"id": "metronome", "pipeline": "metronome", "role": "post"}]
    waves = ("sine", "random", "beat", "audio")
    numbers = {stage["id"]: _numbers(pipelines[stage["pipeline"]]) for stage in stages[:2]}
    modulation = [
        {"stage": stage, "field": name, "wave": wave, "depth": (number.high - number.low) / 4, "band": "bass"}
        for stage, fields in numbers.items()
        for wave, (name, number) in zip(waves, fields.items(), strict=False)
    ]
    ends = [{s: {n: e(f) for n, f in own.items()} for s, own in numbers.items()} for e in (_low, _middle)]
    scenes = [{"id": f"scene-{i}", "name": f"{i}", "values": v, "fade": 0.3} for i, v in enumerate(ends, 1)]
    cues = [{"id": f"cue-{i}", "scene": f"scene-{i}", "wait": 2.0, "unit": "beats"} for i in (1, 2)]
    stage, name = next((stage, name) for stage, fields in numbers.items() for name in fields)
    return {
        "scope": 1,
        "source": _SOURCE,
        "stages": stages,
        "tempo": {"source": "internal", "bpm": BPM, "quantize": "beat"},
        "modulation": modulation,
        "scenes": scenes,
        "cues": {"loop": True, "items": cues},
        "mappings": [{"input": "midi:1:cc:21", "stage": stage, "field": name}],
    }


def _numbers(pipeline: Mapping[str, Any]) -> dict[str, Any]:
    """The first four fields of a pipeline that are numbers with bounds, and no whole ones: those are seeds and sizes."""
    fields = {name: number_field(entry) for name, entry in live_fields(pipeline["config_schema"]).items()}
    bounded = {n: f for n, f in fields.items() if f and not f.whole and f.low is not None and f.high is not None}
    return dict(list(bounded.items())[:4])


def _low(number: Any) -> float:
    return number.low


def _middle(number: Any) -> float:
    return (number.low + number.high) / 2


def _view(served: Served, counts: Counts, ended: threading.Event) -> None:
    """Take pictures as a page does."""
    address = served.address.replace("http", "ws", 1) + "api/v1/view?format=jpeg&fps=30"
    with connect(address, max_size=None) as view:
        while not ended.is_set():
            try:
                picture = bytes(view.recv(timeout=0.5, decode=False))
            except TimeoutError:
                continue
            counts.pictures += 1
            view.send(f'{{"seen": {int.from_bytes(picture[4:8], "little")}}}')


def _move(served: Served, document: Mapping[str, Any], osc: int, counts: Counts, ended: threading.Event) -> None:
    """Move controls by OSC and MIDI, tell levels, and count the cues that everyone is told of."""
    client = SimpleUDPClient("127.0.0.1", osc)
    address = f"/scope/{document['modulation'][-1]['stage']}/{document['modulation'][-1]['field']}"
    high = document["modulation"][-1]["depth"] * 2
    ears = Ears(counts)
    with connect(served.address.replace("http", "ws", 1) + "api/v1/control?name=bench", max_size=None) as control:
        due, step = time.monotonic(), 0
        while not ended.is_set():
            share = (1 + math.sin(step / 10)) / 2
            client.send_message(address, high * share)
            control.send(f'{{"midi": [176, 21, {int(127 * share)}]}}')
            control.send(f'{{"levels": {{"bass": {share:.3f}, "level": {share:.3f}}}}}')
            step, due = step + 1, due + 1 / _HANDS_A_SECOND
            for message in _told(control, due):
                ears.hear(message)


class Ears:
    """Follows the clock and the cues as a client is told of them."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._clock: Tempo | None = None
        self._cue: str | None = None

    def hear(self, message: Mapping[str, Any]) -> None:
        """One message of the server."""
        now = time.monotonic()
        if tempo := message.get("tempo"):
            self._clock = Tempo(tempo["bpm"], beats=tempo["beats"], at=now)
        cue = message.get("cue")
        if self._clock is not None and cue and cue["id"] not in (None, self._cue):
            self._cue = cue["id"]
            phase = (self._clock.beats_at(now) + 0.5) % 1.0 - 0.5
            self._counts.late_ms.append(phase * 60_000.0 / BPM)


def _told(control: Any, until_time: float) -> Generator[dict[str, Any]]:
    """What the server says until then."""
    while (left := until_time - time.monotonic()) > 0:
        try:
            yield json.loads(control.recv(timeout=left))
        except TimeoutError:
            return


def _receive(stream: socket.socket, counts: Counts, ended: threading.Event) -> None:
    """Listen to the stream, as another program would."""
    while not ended.is_set():
        try:
            counts.streamed_kb += len(stream.recv(65_536)) / 1000
        except TimeoutError:
            continue


def _beat_against_clock(served: Served) -> int:
    """What the metronome has drawn into the newest picture."""
    with urllib.request.urlopen(f"{served.address}api/v1/snapshot.png", timeout=30) as answer:
        return barcode.read(np.asarray(Image.open(io.BytesIO(answer.read())).convert("RGB")))


def _apart(stamp: int, reference: int) -> float:
    """Milliseconds between two stamps, positive if the beat has fallen behind."""
    cells = 1 << barcode.CELLS
    return ((stamp - reference + cells // 2) % cells - cells // 2) / barcode.UNITS_A_MS


def _sample(served: Served, start: float) -> Sample:
    server, children = served.processes()
    processes: list[psutil.Process] = [server, *children]
    return Sample(
        time.monotonic() - start,
        sum(process.memory_info().rss for process in processes) / 2**20,
        sum(process.num_fds() if hasattr(process, "num_fds") else 0 for process in processes),
        sum(process.num_threads() for process in processes),
    )


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
