"""Shapes of the transformer and of its VACE branch: plain values, importable without torch.

Sources: the Wan2.1 report (arXiv 2503.20314) for the transformer, VACE (arXiv 2503.07598) for the control branch.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DitConfig:
    """Architecture of the diffusion transformer and of its VACE branch.

    Attributes:
        patch: patch size (frames, rows, columns) in latent cells.
        vace_layers: indices of the main layers that receive a VACE hint.
        vace_in_channels: 16 inactive + 16 reactive + 64 mask channels.
    """

    dim: int = 1536
    ffn_dim: int = 8960
    heads: int = 12
    layers: int = 30
    text_dim: int = 4096
    text_length: int = 512
    in_channels: int = 16
    patch: tuple[int, int, int] = (1, 2, 2)
    freq_dim: int = 256
    eps: float = 1e-6
    vace_layers: tuple[int, ...] = tuple(range(0, 30, 2))
    vace_in_channels: int = 96

    @property
    def head_dim(self) -> int:
        """Channels of one attention head."""
        return self.dim // self.heads


WAN_1_3B = DitConfig()
