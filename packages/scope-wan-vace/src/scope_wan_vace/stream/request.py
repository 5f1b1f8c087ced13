"""What a film is asked for, chunk by chunk."""

from dataclasses import dataclass

from torch import Tensor

from scope_wan_vace.stream.control import Control

MAX_REFERENCES = 4


@dataclass(frozen=True)
class ChunkRequest:
    """What the next chunk shall be.

    Attributes:
        seed: of all noise.
        sigmas: noise levels [steps] on the device.
        video: input frames [1, 3, T, H, W] in [-1, 1] to start from, None to start from noise alone.
        control: frames and mask for VACE, of as many frames as `Session.next_frames` says.
        control_scale: strength of the hints; 0 leaves VACE out.
        references: latents of up to four reference images [1, 16, R, rows, columns].
    """

    seed: int
    sigmas: Tensor
    video: Tensor | None = None
    control: Control | None = None
    control_scale: float = 1.0
    references: Tensor | None = None
