import pytest

from scope.media import sample_clip, sample_portrait


@pytest.mark.parametrize(
    ("clip", "credit", "license_words"),
    [
        (sample_clip(), "Blender Foundation", "creativecommons.org/licenses/by/3.0"),
        (sample_portrait(), "NASA's portrait", "in the public domain"),
    ],
)
def test_the_sample_clips_are_small_and_attributed(ffprobe, clip, credit, license_words):
    assert clip.stat().st_size < 500_000
    attribution = " ".join(clip.with_name("ATTRIBUTION.md").read_text(encoding="utf-8").split())
    assert f"# {clip.name}" in attribution
    assert credit in attribution
    assert license_words in attribution
    found = ffprobe(clip)
    assert (found["codec_name"], found["width"], found["height"], found["nb_read_frames"]) == (
        "h264",
        "640",
        "360",
        "100",
    )
