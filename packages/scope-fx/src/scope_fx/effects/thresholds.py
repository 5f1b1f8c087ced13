"""Threshold masks for dithering: small tiles in which every threshold comes once, to be laid side by side."""

import functools

import numpy as np
import torch
from torch import Tensor

type Flat = np.ndarray[tuple[int], np.dtype[np.float64]]

_SIDE = 64
# The width of a dot's influence, as in Ulichney's paper.
_SIGMA = 1.5
_START = _SIDE * _SIDE // 10


def laid_out(tile: Tensor, height: int, width: int) -> Tensor:
    """A tile (N, N) repeated over (height, width)."""
    down, across = -(-height // tile.shape[0]), -(-width // tile.shape[1])
    return tile.repeat(down, across)[:height, :width].contiguous()


@functools.cache
def bayer(doublings: int = 3) -> Tensor:
    """Bayer's ordered mask, (2^n, 2^n) of thresholds in (0, 1) (Bayer, "An optimum method for two-level rendition of
    continuous-tone pictures", 1973).
    """
    ranks = torch.zeros(1, 1)
    for _ in range(doublings):
        ranks = torch.cat((torch.cat((4 * ranks, 4 * ranks + 2), 1), torch.cat((4 * ranks + 3, 4 * ranks + 1), 1)))
    return (ranks + 0.5) / ranks.numel()


@functools.cache
def blue_noise() -> Tensor:
    """A mask of blue noise without a seam, (64, 64) of thresholds in (0, 1): dots that keep apart and form no pattern.

    Void and cluster (Ulichney, "The void-and-cluster method for dither array generation", 1993): from a sparse even
    pattern dots are taken away at the tightest cluster, in the order of falling ranks, and put into the largest void.
    """
    dots, energy = _even_pattern()
    ranks = np.empty(_SIDE * _SIDE)
    left, around = dots.copy(), energy.copy()
    for rank in reversed(range(_START)):
        ranks[_move(left, around, _cluster(left, around))] = rank
    for rank in range(_START, _SIDE * _SIDE):
        ranks[_move(dots, energy, _void(dots, energy))] = rank
    return torch.from_numpy((ranks + 0.5) / ranks.size).to(torch.float32).view(_SIDE, _SIDE)


def _even_pattern() -> tuple[np.ndarray, Flat]:
    """Some random dots that have been moved from clusters into voids until they rest, and their energy."""
    dots, energy = np.zeros(_SIDE * _SIDE, dtype=bool), np.zeros(_SIDE * _SIDE)
    for place in np.random.default_rng(1).permutation(dots.size)[:_START]:
        _move(dots, energy, int(place))
    while True:
        taken = _move(dots, energy, _cluster(dots, energy))
        if _move(dots, energy, _void(dots, energy)) == taken:
            return dots, energy


def _cluster(dots: np.ndarray, energy: Flat) -> int:
    return int(np.argmax(np.where(dots, energy, -np.inf)))


def _void(dots: np.ndarray, energy: Flat) -> int:
    return int(np.argmin(np.where(dots, np.inf, energy)))


def _move(dots: np.ndarray, energy: Flat, place: int) -> int:
    """Put a dot there, or take it away, in place."""
    y, x = divmod(place, _SIDE)
    around = _influence()[_SIDE - y : 2 * _SIDE - y, _SIDE - x : 2 * _SIDE - x].ravel()
    energy += -around if dots[place] else around
    dots[place] = not dots[place]
    return place


@functools.cache
def _influence() -> np.ndarray:
    """A Gaussian around the corner of a tile, with four tiles side by side, so that each shift of it is a window."""
    distance = np.minimum(np.arange(_SIDE), _SIDE - np.arange(_SIDE)) / _SIGMA
    return np.tile(np.exp(-0.5 * (distance[:, None] ** 2 + distance**2)), (2, 2))
