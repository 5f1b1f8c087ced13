"""A long clip in parts is the same film, made by several workers; whatever remembers earlier frames stays whole."""

import json
import os
import uuid
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import av
import fsspec
import pytest
import torch

from scope.batch.manifest import Manifest
from scope.batch.parts import Splitter, joined
from scope.batch.plan import Job, Options, Variation, jobs_of
from scope.batch.report import latest, of_films, throughputs
from scope.batch.run import OWN_FOLDER, batch_folder, run
from scope.batch.stores import content
from scope.batch.work import Worker
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope.media import open_source

FRAMES = 50


@pytest.fixture
def long_clip(tmp_path):
    """Fifty frames at 25 a second, each of its own shade, a key frame every ten, and sound."""
    path = tmp_path / "clips" / "long.mp4"
    path.parent.mkdir()
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=Fraction(25))
        video.width, video.height, video.pix_fmt = 16, 16, "yuv420p"
        video.options = {"x264-params": "keyint=10:min-keyint=10:scenecut=0", "crf": "10"}
        audio = container.add_stream("aac", rate=48000, layout="mono")
        for index in range(FRAMES):
            pixels = torch.full((16, 16, 3), 120 + 2 * index, dtype=torch.uint8).numpy()
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        sound = av.AudioFrame.from_ndarray(torch.zeros(1, 96000).numpy(), "fltp", "mono")
        sound.sample_rate = 48000
        for packet in [*audio.encode(sound), *audio.encode(None), *video.encode(None)]:
            container.mux(packet)
    os.utime(path, (1, 1))
    return path


@pytest.fixture
def registry(plugin):
    registry = Registry()
    load_plugins(registry)
    return registry


@pytest.fixture
def splitter(registry, tmp_path):
    return Splitter(registry, f"{tmp_path}/out/{OWN_FOLDER}/parts", 0.8)


@pytest.fixture
def job(setup_file, long_clip, tmp_path):
    (made,) = jobs_of(
        [str(long_clip)], [Variation(json.loads(setup_file.read_text()))], str(tmp_path / "out"), Options()
    )
    return made


def shades(path):
    with open_source(path) as source:
        return torch.tensor([float(picture.pixels.float().mean()) for picture in source])


def test_parts_are_rendered_by_themselves_and_joined_with_the_sound_of_the_whole(
    splitter, job, plugin, tmp_path, inline
):
    with batch_folder(tmp_path / "out") as folder:
        outcome = run([job], inline(), folder, tries=1, split=splitter)
    assert (outcome.done, outcome.frames, outcome.failed) == (["long.mp4"], FRAMES, {})
    entries = Manifest(folder).read()
    parts = {f"long.mp4, part {n} of 3" for n in (1, 2, 3)}
    assert Counter(entry.job for entry in entries) == {"long.mp4": 1, **dict.fromkeys(parts, 1)}
    film = entries[-1]
    assert (film.job, film.parts, film.frames, film.plugins) == ("long.mp4", 3, FRAMES, {"moody-test": "1.2"})
    assert film.seconds > sum(entry.seconds for entry in entries[:-1])
    assert not list((folder / OWN_FOLDER / "parts").rglob("*.mp4"))
    whole = Worker().render(replace(job, output=str(tmp_path / "whole.mp4")), lambda done, total: None)
    assert whole["frames"] == FRAMES
    assert torch.allclose(shades(job.output), shades(tmp_path / "whole.mp4"), atol=1.0)
    with av.open(job.output) as made, av.open(str(tmp_path / "whole.mp4")) as other:
        heard = [[bytes(p) for p in film.demux(audio=0) if p.size] for film in (made, other)]
    assert heard[0] == heard[1]
    assert [entry.job for entry in of_films(latest(folder))] == ["long.mp4"]
    assert sum(share.frames for share in throughputs(entries)) == FRAMES


def test_a_long_clip_at_a_url_is_read_where_it_lies_and_its_film_goes_to_a_url(
    splitter, job, long_clip, tmp_path, inline
):
    store, url = fsspec.filesystem("memory"), f"memory://{uuid.uuid4().hex}"
    store.put_file(str(long_clip), f"{url}/clip.mp4")
    remote = replace(job, input=f"{url}/clip.mp4", output=f"{url}/out/long.mp4")
    split = replace(splitter, folder=f"{url}/parts")
    with batch_folder(tmp_path / "out") as folder:
        outcome = run([remote], inline(), folder, tries=1, split=split)
    assert (outcome.done, outcome.frames, outcome.failed) == (["long.mp4"], FRAMES, {})
    *parts, film = Manifest(folder).read()
    assert [part.input for part in parts] == [{"bytes": long_clip.stat().st_size, "blake2b": ""}] * 3
    assert film.input == content(long_clip)
    assert [name.rsplit("/", 1)[-1] for name in store.find(url)] == ["clip.mp4", "long.mp4"]
    store.get_file(f"{url}/out/long.mp4", str(tmp_path / "made.mp4"))
    run([job], inline(), folder, tries=1, split=splitter)
    assert torch.equal(shades(tmp_path / "made.mp4"), shades(job.output))


def test_a_part_that_is_gone_from_its_store_is_made_again(splitter, job, scripted, tmp_path):
    split = replace(splitter, folder=f"memory://{uuid.uuid4().hex}")
    run([job], scripted({"long.mp4": ["x"]}), tmp_path, tries=1, split=split)
    first, second, third = split(job)
    fsspec.filesystem("memory").rm(second.output)
    crew = scripted()
    assert run([job], crew, tmp_path, tries=1, split=split).done == ["long.mp4"]
    assert crew.given == [second.name, "long.mp4"]
    assert not any(fsspec.filesystem("memory").exists(part.output) for part in (first, second, third))


def test_parts_that_an_earlier_run_has_made_are_not_made_again(splitter, job, tmp_path, scripted):
    parts = splitter(job)
    failing = scripted({parts[1].name: ["x"]})
    first = run([job], failing, tmp_path, tries=1, split=splitter)
    assert first.failed == {"long.mp4": "x"}
    assert failing.given == [part.name for part in parts]
    second = scripted()
    assert run([job], second, tmp_path, tries=1, split=splitter).done == ["long.mp4"]
    assert second.given == [parts[1].name, "long.mp4"]
    third = scripted()
    assert run([job], third, tmp_path, tries=1, split=splitter).skipped == ["long.mp4"]
    assert third.given == []


def test_a_part_and_a_joining_survive_the_way_to_another_process(splitter, job):
    parts = splitter(job)
    for told in (*parts, joined(job, parts)):
        assert Job.from_json(json.loads(json.dumps(told.to_json()))) == told
    assert len({part.key for part in parts} | {job.key}) == 4
    assert joined(job, parts).key == job.key


@pytest.mark.parametrize(
    "change",
    [
        {"stages": [{"id": "moody", "pipeline": "moody-test", "values": {"count": 9}}]},
        {"timeline": [{"at": 1.0, "stage": "moody", "set": {"count": 9}}]},
        {"tempo": {"source": "manual", "bpm": 120.0}},
        {"modulation": [{"wave": "sine", "stage": "moody", "field": "level", "depth": 0.1}]},
    ],
)
def test_what_remembers_or_moves_stays_whole(splitter, job, change):
    assert splitter(job)
    assert splitter(replace(job, setup={**job.setup, **change})) == ()


@pytest.mark.parametrize("options", [Options(frames=20), Options(seconds=1.0), Options(fps=10.0)])
def test_a_film_of_another_length_or_rate_stays_whole(splitter, job, options):
    assert splitter(replace(job, options=options)) == ()


def test_a_clip_that_cannot_be_read_is_left_to_the_worker(splitter, job, tmp_path):
    (tmp_path / "bad.mp4").write_text("no film")
    assert splitter(replace(job, input=str(tmp_path / "bad.mp4"))) == ()
    assert replace(splitter, seconds=0.0)(job) == ()
