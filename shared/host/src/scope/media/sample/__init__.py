"""Short clips whose licenses allow it, for demonstrations and tests (attribution in ATTRIBUTION.md beside it)."""

from pathlib import Path


def sample_clip() -> Path:
    """The path of a 4 s excerpt of Big Buck Bunny: 640x360, 25 frames/s, 100 frames, H.264, no sound.

    (c) 2008 Blender Foundation, CC BY 3.0.
    """
    return Path(__file__).with_name("bunny.mp4")


def sample_portrait() -> Path:
    """The path of a 4 s camera move over a photograph of an astronaut: a face, 640x360, 25 frames/s, 100 frames, no sound.

    NASA, public domain.
    """
    return Path(__file__).with_name("portrait.mp4")
