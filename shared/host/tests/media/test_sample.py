from scope.media import sample_clip


def test_the_sample_clip_is_small_and_attributed(ffprobe):
    clip = sample_clip()
    assert clip.stat().st_size < 500_000
    attribution = clip.with_name("ATTRIBUTION.md").read_text()
    assert "Blender Foundation" in attribution
    assert "creativecommons.org/licenses/by/3.0" in attribution
    found = ffprobe(clip)
    assert (found["codec_name"], found["width"], found["height"], found["nb_read_frames"]) == (
        "h264",
        "640",
        "360",
        "100",
    )
