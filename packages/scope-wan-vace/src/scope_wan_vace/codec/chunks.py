"""How many pixel frames a chunk has, and encoders that join a running stream in step with it."""

from torch import Tensor

from .stream import TEMPORAL_FACTOR, Codec


def pixel_frames(block: int, first: bool) -> int:
    """Pixel frames of `block` latent frames: 9 for a stream's first three, 12 for any later three."""
    return TEMPORAL_FACTOR * block - (TEMPORAL_FACTOR - 1 if first else 0)


class ChunkEncoder:
    """An encoder whose latents cover the same pixel frames as the decoder's, whenever it starts.

    A stream's very first latent covers one pixel frame, all others four. An encoder that starts while the decoder
    is under way is therefore given the chunk's first frame beforehand, as if it had stood still until now.
    """

    def __init__(self, codec: Codec):
        self._encoder = codec.new_encoder()
        self._fresh = True

    def encode(self, frames: Tensor) -> Tensor:
        """Frames BCTHW [-1, 1], 1 + 4k only in a stream's first chunk → latents [B, 16, F, H / 8, W / 8]."""
        if self._fresh and frames.shape[2] % TEMPORAL_FACTOR == 0:
            self._encoder.encode(frames[:, :, :1])
        self._fresh = False
        return self._encoder.encode(frames)
