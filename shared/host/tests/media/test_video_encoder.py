"""H.264 comes from a graphics card where one encodes, and from x264 elsewhere."""

import numpy as np
import pytest

from scope.media import video_encoder
from scope.media.packet import DELTA, KEY
from scope.media.video_encoder import CARDS, VP8, X264, Codec, VideoEncoder, h264_codec, works

GREY = np.full((128, 192, 3), 128, np.uint8)
ABSENT = Codec("h264_of_no_card", {})
# It is there on every machine, takes pictures, and refuses some settings: here it stands for a card.
STUBBORN = X264._replace(options=dict(X264.options) | {"profile": "of-nobody"})


def test_x264_keeps_the_promises_that_a_card_is_tried_for():
    assert works(X264)


@pytest.mark.parametrize(
    "codec",
    [
        ABSENT,
        STUBBORN,
        X264._replace(options={"preset": "ultrafast"}),  # holds pictures back
        X264._replace(
            options=dict(X264.options) | {"forced-idr": "0", "x264-params": "keyint=infinite:repeat-headers=0"}
        ),
        VP8,  # no H.264
    ],
)
def test_a_codec_that_does_not_is_not_taken(codec):
    assert not works(codec)


def test_the_first_that_works_is_taken(monkeypatch):
    monkeypatch.setattr(video_encoder, "CARDS", (ABSENT, STUBBORN))
    assert h264_codec.__wrapped__() is X264
    card = X264._replace(pixel_format="nv12")
    monkeypatch.setattr(video_encoder, "CARDS", (ABSENT, card))
    assert h264_codec.__wrapped__() is card


def test_a_card_that_refuses_later_is_replaced():
    encoder = VideoEncoder(STUBBORN, spare=X264)
    assert [encoder.encode(GREY).kind for _ in range(2)] == [KEY, DELTA]


def test_what_is_taken_here_works_here():
    assert h264_codec() in (*CARDS, X264)
    assert works(h264_codec())
