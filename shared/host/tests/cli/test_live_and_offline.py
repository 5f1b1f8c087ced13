"""What was found live is rendered again: the same waves, and the same moves, give the same pictures."""

import itertools
import json
import time
from contextlib import contextmanager
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient

from scope.cli.console import installed
from scope.control.setup import check_setup
from scope.control.tempo import Tempo
from scope.engine import events, link
from scope.engine.inline import InlineEngine
from scope.media import open_sink, open_source
from scope.media.sound import MadeTrack
from scope.server.app import create_app
from scope.server.host import Host, Settings

RATE = 10
WAVES = [
    {"wave": "sine", "field": "bloom", "depth": 0.3, "rate": 0.7},
    {"wave": "beat", "field": "grade_hue", "depth": 90.0},
    {"wave": "random", "field": "posterize_levels", "depth": 8.0, "rate": 2.0, "phase": 0.25},
]


def eventually(condition):
    deadline = time.monotonic() + 100
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return found


def film(pattern):
    with open_source(pattern) as source:
        return [picture.pixels.numpy() for picture in source]


def digest(pixels):
    return sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


@pytest.fixture
def still(tmp_path):
    """Eight times the same picture, 48x32."""
    across, down = torch.meshgrid(torch.linspace(0, 1, 32), torch.linspace(0, 1, 48), indexing="ij")
    picture = torch.stack([across, down, (across * 7 % 1 + down) / 2], dim=-1)
    with open_sink(tmp_path / "still_%04d.png", rate=Fraction(RATE)) as sink:
        sink.write(picture.expand(8, -1, -1, -1))
    return str(tmp_path / "still_%04d.png")


def test_waves_and_beats_give_the_same_pictures_live_and_offline(scope, still, tmp_path):
    values = {"bloom": 0.4, "grade_hue": 10.0, "posterize": 0.5, "posterize_levels": 8}
    setup = {
        "scope": 1,
        "source": {"kind": "file", "path": still, "fps": RATE},
        "stages": [{"id": "fx", "pipeline": "fx", "values": values}],
        "tempo": {"source": "internal", "bpm": 100.0},
        "modulation": [{"stage": "fx", **wave} for wave in WAVES],
    }
    (tmp_path / "show.json").write_text(json.dumps(setup))
    rendered = scope("render", "--setup", tmp_path / "show.json", "--output", tmp_path / "film_%04d.png")
    assert rendered.code == 0, rendered.err
    offline = [digest(pixels) for pixels in film(tmp_path / "film_%04d.png")]
    assert len(set(offline)) == 8
    assert offline == [digest(pixels) for pixels in live_pictures(check_setup(setup).document(), 8)]


def live_pictures(setup, count):
    """What an engine shows while its clock stands at the time of each frame of the film."""
    engine, taken, posts = InlineEngine(registry=installed()), {}, itertools.count(1)
    engine.listen(lambda event: taken.update({event.n: event.frame}) if isinstance(event, events.Took) else None)
    engine.watch({link.OUT: 100.0})
    engine.start(setup)

    def first_picture():
        """The first that was made after everything said before; None where none came within the second an answer waits."""
        number = next(posts)
        engine.post("fx", {"bloom": setup["stages"][0]["values"]["bloom"]}, number)
        eventually(lambda: number in taken)
        return taken[number]

    try:
        eventually(lambda: engine.frame(timeout=1.0))
        for number in range(count):
            beats = Tempo(setup["tempo"]["bpm"]).beats_at(number / RATE)
            engine.tempo(Tempo(setup["tempo"]["bpm"], beats=beats, is_playing=False))
            shown = eventually(first_picture)
            yield eventually(lambda shown=shown: engine.frame(after=shown - 1, timeout=1.0)).pixels
    finally:
        engine.stop()


@pytest.fixture
def loud_clip(tmp_path):
    """A second of pictures that differ, 10 a second, under bursts of a low tone of different loudness."""
    track = MadeTrack(1, 48_000)
    time = np.arange(48_000, dtype=np.float32) / 48_000
    track.feed((np.sin(time * 2 * np.pi * 80) * np.sin(time * np.pi * 3) ** 2)[None])
    with open_sink(tmp_path / "in.mp4", rate=Fraction(RATE), track=track) as sink:
        sink.write(torch.linspace(0.3, 1.0, RATE)[:, None, None, None].expand(-1, 16, 32, 3))
    return tmp_path / "in.mp4"


def test_a_wave_follows_the_sound_of_the_film_live_as_offline(scope, loud_clip, tmp_path):
    """Live the clip plays again and again; a picture that is not in the film, or any that is missing, would be seen."""
    waves = [{"wave": "audio", "band": "bass", "field": "level", "depth": 0.7}]
    setup = {
        "scope": 1,
        "source": {"kind": "file", "path": str(loud_clip)},
        "stages": [{"id": "dim", "pipeline": "dim-test", "values": {"level": 0.3}}],
        "modulation": [{"stage": "dim", **wave} for wave in waves],
    }
    (tmp_path / "show.json").write_text(json.dumps(setup))
    rendered = scope("render", "--setup", tmp_path / "show.json", "--output", tmp_path / "film_%04d.png")
    assert rendered.code == 0, rendered.err
    offline = [digest(pixels) for pixels in film(tmp_path / "film_%04d.png")]
    still = setup | {"modulation": []}
    (tmp_path / "still.json").write_text(json.dumps(still))
    scope("render", "--setup", tmp_path / "still.json", "--output", tmp_path / "still_%04d.png")
    unmoved = [digest(pixels) for pixels in film(tmp_path / "still_%04d.png")]
    assert len(set(offline)) == RATE
    assert sum(a != b for a, b in zip(offline, unmoved, strict=True)) > RATE / 2
    assert live_turns(check_setup(setup).document(), len(offline)) == set(offline)


def live_turns(setup, count):
    """The different pictures that an engine shows, until there are so many or another one comes."""
    engine, seen, number = InlineEngine(registry=installed()), set(), 0
    engine.watch({link.OUT: 100.0})
    engine.start(setup)
    try:
        while len(seen) < count:
            picture = eventually(lambda number=number: engine.frame(after=number, timeout=1.0))
            number = picture.number
            seen.add(digest(picture.pixels))
    finally:
        engine.stop()
    return seen


def test_recorded_moves_are_rendered_as_they_were_seen(scope, tmp_path, monkeypatch):
    monkeypatch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path / "base"))
    stages = [
        {"id": "glow", "pipeline": "glow-test", "load": {"width": 32, "height": 16, "base_seed": 200}},
        {"id": "dim", "pipeline": "dim-test", "role": "post"},
    ]
    # Of one stage only: what reaches two stages in one moment may reach them in two pictures.
    night = {"id": "night", "name": "Night", "fade": 0.5, "values": {"glow": {"level": 1.0}}}
    dawn = {"id": "dawn", "name": "Dawn", "fade": 0.3, "values": {"glow": {"level": 0.1}}}
    setup = {"scope": 1, "stages": stages, "prompts": [{"text": "sun"}], "scenes": [night, dawn]}
    with played(check_setup(setup)) as (client, engine):
        seen, recorded = performed(client, engine)
    film_shows(scope, tmp_path, recorded, seen, "--seconds", recorded["timeline"][-1]["at"] + 0.1)


def test_a_generator_that_is_switched_off_over_a_clip_shows_it_in_the_film_too(scope, still, tmp_path, monkeypatch):
    monkeypatch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path / "base"))
    picture = tmp_path / "base" / "assets" / "still.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes((tmp_path / "still_0001.png").read_bytes())
    glow = {"id": "glow", "pipeline": "glow-test", "load": {"width": 32, "height": 16}, "values": {"level": 0.2}}
    dim = {"id": "dim", "pipeline": "dim-test", "role": "post", "values": {"level": 0.5}}
    source = {"kind": "file", "path": "still.png", "width": 32, "height": 16}
    stages = [glow | {"mode": "text"}, dim]
    setup = {"scope": 1, "source": source, "stages": stages, "prompts": [{"text": "sun"}]}
    with played(check_setup(setup)) as (client, engine):
        client.portal.call(client.app.state.host.performance.moves.record)
        watch = Eye(engine)
        of_clip = lambda _: engine.frame().pixels.std(axis=(0, 1)).max() > 10  # noqa: E731 - the generator's are of one color
        for on, seen in ((False, of_clip), (True, lambda color: not of_clip(color)), (False, of_clip)):
            step = {"op": "replace", "path": "/stages/glow/on", "value": on}
            assert client.patch("/api/v1/setup", json={"patch": [step]}).status_code == 200
            watch.until(seen)
        client.portal.call(client.app.state.host.performance.moves.stop)
        recorded = client.get("/api/v1/setup").json()["setup"]
    assert len(watch.seen) == 4
    film_shows(scope, tmp_path, recorded, watch.seen)


def test_a_list_of_cues_is_rendered_as_it_was_seen(scope, tmp_path, monkeypatch):
    monkeypatch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path / "base"))
    scenes = [{"id": f"s{level}", "name": "S", "fade": 0.5, "values": {"glow": {"level": level}}} for level in (0, 1)]
    # The second scene comes while the first one fades.
    items = [{"id": "a", "scene": "s1", "wait": 0.25}, {"id": "b", "scene": "s0", "wait": 1.0}]
    glow = {"id": "glow", "pipeline": "glow-test", "load": {"width": 32, "height": 16}, "values": {"level": 0.2}}
    setup = {"scope": 1, "stages": [glow], "prompts": [{"text": "sun"}], "scenes": scenes, "cues": {"items": items}}
    with played(check_setup(setup)) as (client, engine):
        watch = Eye(engine)
        client.post("/api/v1/cue", json={"do": "go"})
        watch.until(lambda color: int(color[1]) > 100)
        watch.until(lambda color: int(color[1]) == 0)
    assert max(int(picture[0, 0, 1]) for picture in watch.seen) < 200
    # The film begins with the first cue, not with what stood before it.
    film_shows(scope, tmp_path, setup, watch.seen[1:], "--cues")


def film_shows(scope, folder, setup, seen, *arguments):
    """The film of a set-up has the pictures that were seen live, in their order, within 1/255."""
    (folder / "show.json").write_text(json.dumps(setup))
    output = ("--fps", 120, "--output", folder / "film_%04d.png")
    rendered = scope("render", "--setup", folder / "show.json", *arguments, *output)
    assert rendered.code == 0, rendered.err
    frames, at = np.stack(film(folder / "film_%04d.png")).astype(int), 0
    for picture in seen:
        same = np.abs(frames[at:] - picture.astype(int)).max(axis=(1, 2, 3)) <= 1
        assert same.any(), f"live showed {picture[0, 0]}, which the film has not from frame {at} on"
        at += int(same.argmax())


@contextmanager
def played(setup):
    """A server with an engine that plays a set-up and has shown a picture of it."""
    engine = InlineEngine(registry=installed())
    with TestClient(create_app(Host(engine, setup, Settings())), base_url="http://127.0.0.1:8000") as client:
        engine.watch({link.OUT: 60.0})
        eventually(lambda: engine.frame(timeout=1.0))
        yield client, engine


class Eye:
    """Sees every other picture that an engine shows; those that it can tell apart are in `seen`."""

    def __init__(self, engine):
        self._engine = engine
        self.seen = [engine.frame().pixels]

    def until(self, condition):
        """Look on until the color of the picture is as wanted, and two pictures longer: faster moves become one."""
        eventually(lambda: self._look(condition))
        shown = self._engine.frame().number
        eventually(lambda: self._look(lambda _: self._engine.frame().number >= shown + 2))

    def _look(self, condition):
        picture = self._engine.frame().pixels
        if (picture != self.seen[-1]).any():
            self.seen.append(picture)
        return condition(picture[0, 0])


def performed(client, engine):
    """Moves of a hand, a scene in the fade of another, and a switch; the pictures that were shown meanwhile, in order."""
    host = client.app.state.host
    client.portal.call(host.performance.moves.record)
    watch = Eye(engine)

    def patch(path, value):
        answer = client.patch("/api/v1/setup", json={"patch": [{"op": "replace", "path": path, "value": value}]})
        assert answer.status_code == 200, answer.text

    def near(level):
        return lambda color: abs(int(color[1]) - 255 * level) < 2

    for level in (0.75, 0.25):
        client.portal.call(host.show.set_values, "glow", {"level": level}, "hand")
        watch.until(near(level))
    client.portal.call(host.show.set_values, "dim", {"level": 0.8}, "hand")
    watch.until(near(0.2))
    client.post("/api/v1/scenes/night/recall", json={})
    watch.until(lambda color: int(color[1]) > 80)
    client.post("/api/v1/scenes/dawn/recall", json={})
    watch.until(near(0.08))
    patch("/stages/dim/on", False)
    watch.until(near(0.1))
    client.portal.call(host.performance.moves.stop)
    assert max(int(picture[0, 0, 1]) for picture in watch.seen[3:]) < 203, (
        "the second scene came in the fade of the first"
    )
    return watch.seen, client.get("/api/v1/setup").json()["setup"]
