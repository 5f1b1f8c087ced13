"""Color cubes: a color for every color. Read from `.cube` files, and looked up."""

import re
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

_SIZES = range(2, 129)
_IGNORED = ("TITLE", "#", "LUT_3D_INPUT_RANGE", "LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE")
_NOT_NUMBERS = re.compile(r"[^\d\s.eE+-]")


class CubeError(ValueError):
    """A file that is no color cube; the message says what was expected and what came, and no more of the file."""


def read_cube(path: Path) -> Tensor:
    """A `.cube` file with a cube of colors (Adobe, "Cube LUT Specification 1.0", 2013).

    Returns:
        (3, N, N, N) float32 in [0, 1], dimensions blue, green, red; its corners are black and white of the picture.

    Raises:
        CubeError: not named `.cube`, not to be read, or not a 3D cube of 2 to 128 steps over [0, 1].
    """
    if path.suffix.lower() != ".cube":
        raise CubeError(f"expected a file named *.cube, got {path.name!r}")
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise CubeError(f"expected a file that can be read, got {path.name!r}: {error.strerror}") from error
    return parse_cube(lines)


def parse_cube(lines: list[str]) -> Tensor:
    """As `read_cube`, from a file's lines."""
    kept = [line.strip() for line in lines if line.strip() and not line.strip().startswith(_IGNORED)]
    heads = {words[0]: words[1:] for words in (line.split() for line in kept) if words[0][0].isalpha()}
    size = _size(heads)
    for name, standard in (("DOMAIN_MIN", 0.0), ("DOMAIN_MAX", 1.0)):
        if any(_number(word) != standard for word in heads.get(name, [])):
            raise CubeError(f"expected a {name} of {standard:g}, got {' '.join(heads[name])}")
    rows = [[_number(word) for word in line.split()] for line in kept if not line[0].isalpha()]
    if len(rows) != size**3 or any(len(row) != 3 for row in rows):
        raise CubeError(f"expected {size**3} lines of three numbers for a size of {size}, got {len(rows)} lines")
    # Red runs fastest in the file.
    return torch.tensor(rows).T.reshape(3, size, size, size).clamp(0.0, 1.0).contiguous()


def _size(heads: dict[str, list[str]]) -> int:
    words = heads.get("LUT_3D_SIZE")
    if words is None:
        raise CubeError("expected a line LUT_3D_SIZE, got none" + (": a 1D LUT" if "LUT_1D_SIZE" in heads else ""))
    if len(words) != 1 or not words[0].isdigit() or int(words[0]) not in _SIZES:
        raise CubeError(f"expected a LUT_3D_SIZE from {_SIZES[0]} to {_SIZES[-1]}")
    return int(words[0])


def _number(word: str) -> float:
    try:
        if _NOT_NUMBERS.search(word):
            raise ValueError
        return float(word)
    except ValueError:
        raise CubeError("expected lines of three numbers, got one with something else in it") from None


def neutral(size: int) -> Tensor:
    """The cube that changes nothing, (3, size, size, size)."""
    steps = torch.linspace(0.0, 1.0, size)
    blue, green, red = torch.meshgrid(steps, steps, steps, indexing="ij")
    return torch.stack((red, green, blue))


def resized(cube: Tensor, size: int) -> Tensor:
    """A cube with another number of steps, trilinear."""
    return F.interpolate(cube[None], (size, size, size), mode="trilinear", align_corners=True)[0]


def packed(cube: Tensor) -> Tensor:
    """A cube as one number a color, (size ** 3,) int64: three float16, so that `nearest` reads them at once."""
    colors = torch.zeros((cube[0].numel(), 4), dtype=torch.float16, device=cube.device)
    colors[:, :3] = cube.flatten(1).T
    return colors.view(torch.int64)[:, 0]


def nearest(frame: Tensor, cube: Tensor, size: int, noise: Tensor) -> Tensor:
    """1CHW [0, 1] through a `packed` cube of so many steps, to the nearest of its colors after `noise`, of the frame's shape
    and in [0, 1) of a step, was added. Exact to a quarter of a step of 8 bits.
    """
    red, green, blue = (frame * (size - 1.0)).add_(noise).floor_().unbind(1)
    places = blue.mul_(size).add_(green).mul_(size).add_(red).to(torch.int32).clamp_(0, size**3 - 1)
    colors = torch.index_select(cube, 0, places.view(-1)).view(torch.float16)
    return frame.copy_(colors.view(1, *frame.shape[-2:], 4)[..., :3].permute(0, 3, 1, 2))


def tetrahedral(frame: Tensor, cube: Tensor) -> Tensor:
    """1CHW [0, 1] through a cube, interpolated in the tetrahedron around each color (Kasson, Nin, Plouffe & Hafner, 1995).

    From the corner below a color one goes along the channel with the largest rest, then the next, then the last. A gray
    stays on the diagonal, which other interpolations leave.
    """
    size = cube.shape[-1]
    place = frame.clamp(0.0, 1.0) * (size - 1)
    below = place.floor().clamp_(max=size - 2)
    rest = place - below
    red, green, blue = rest.split(1, dim=1)
    steps = [step.to(torch.int32) for step in below.split(1, dim=1)]
    corner = (steps[2] * size + steps[1]) * size + steps[0]
    largest, least = rest.amax(dim=1, keepdim=True), rest.amin(dim=1, keepdim=True)
    middle = red + green + blue - largest - least
    first, last = _stride(rest, largest, size), _stride(rest, least, size)
    # Where two rests are equal the corner between them has no weight.
    everything = 1 + size + size * size
    mixed = _at(cube, corner).mul_(1.0 - largest)
    mixed.addcmul_(_at(cube, corner + first), largest - middle)
    mixed.addcmul_(_at(cube, corner + everything - last), middle - least)
    return mixed.addcmul_(_at(cube, corner + everything), least)


def _stride(rest: Tensor, chosen: Tensor, size: int) -> Tensor:
    """How far apart two colors of a flat cube are along the channel whose rest was chosen, the first of equals."""
    red, green = rest[:, :1] == chosen, rest[:, 1:2] == chosen
    other = size * size - green.to(torch.int32) * (size * size - size)
    return other - red.to(torch.int32) * (other - 1)


def _at(cube: Tensor, places: Tensor) -> Tensor:
    """The colors (1, 3, H, W) at flat positions (1, 1, H, W)."""
    colors = torch.empty((1, 3, *places.shape[-2:]), dtype=cube.dtype, device=cube.device)
    flat = places.reshape(-1)
    for channel, values in enumerate(cube.flatten(1)):
        torch.index_select(values, 0, flat, out=colors[0, channel].view(-1))
    return colors
