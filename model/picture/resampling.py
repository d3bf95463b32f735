"""Resampling: pictures made larger, smaller, sheared, bent or sharpened by reading between their pixels."""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from model.types import Array, Images, InkMap


def step_for(pixels: int, at_most: int) -> int:
    """Return the n for which every n-th row and column of a picture of so many `pixels` leaves about `at_most`."""
    return max(1, math.ceil(math.sqrt(pixels / at_most)))


def averaging(places: NDArray[np.floating], n: int, spread: float) -> NDArray[np.float32]:
    """Return the matrix (len(places), n) that averages `n` pixels with a tent around each of `places`, in pixels.

    spread: half the tent's width: 1 interpolates, and new pixels that are s old ones wide need s. Whatever lies outside
    the `n` pixels counts as zero.
    """
    distances = np.abs(places[:, None] - np.arange(n))
    return np.asarray(np.maximum(0, 1 - distances / spread) / spread, np.float32)


def sample(images: Images, columns: Images, rows: Images) -> Images:
    """Return `images` (N, H, W) read at (`columns`, `rows`) by bilinear interpolation, with 0 outside.

    columns, rows: (N, H', W'), or what broadcasts to it, float32.
    """
    # A border of one zero pixel; places further out are read there.
    height, side = images.shape[1] + 2, images.shape[2] + 2
    padded = np.zeros((len(images), height, side), np.float32)
    padded[:, 1:-1, 1:-1] = images
    flat = padded.ravel()
    columns = np.clip(columns + 1, 0, side - 1.001)
    rows = np.clip(rows + 1, 0, height - 1.001)
    left, top = columns.astype(np.int32), rows.astype(np.int32)
    right_share, bottom_share = columns - left, rows - top
    corner = left + top * side + (np.arange(len(images)) * height * side)[:, None, None]
    # Clipped above, so nothing wraps: the mode only saves a pass that checks the bounds.
    upper = flat.take(corner, mode="wrap")
    upper += right_share * (flat[1:].take(corner, mode="wrap") - upper)
    corner += side
    lower = flat.take(corner, mode="wrap")
    lower += right_share * (flat[1:].take(corner, mode="wrap") - lower)
    upper += bottom_share * (lower - upper)
    return np.asarray(upper, np.float32)


def sharpened(images: Images, amounts: Images) -> Images:
    """Return `images` (N, H, W) minus `amounts` (N, 1, 1) times their Laplacian, kept within [0, 1]."""
    laplacian = -4 * images
    laplacian[:, 1:] += images[:, :-1]
    laplacian[:, :-1] += images[:, 1:]
    laplacian[:, :, 1:] += images[:, :, :-1]
    laplacian[:, :, :-1] += images[:, :, 1:]
    laplacian *= -amounts
    laplacian += images
    return np.clip(laplacian, 0, 1, out=laplacian)


def block_maxima(strength: InkMap, factor: int) -> InkMap:
    """Return the greatest of each `factor` x `factor` block, (ceil(H / factor), ceil(W / factor))."""
    if factor == 1:
        return strength
    height, width = (-(-n // factor) * factor for n in strength.shape)
    padded = np.zeros((height, width), np.float32)
    padded[: strength.shape[0], : strength.shape[1]] = strength
    # Slice by slice: NumPy's reduction along such short axes takes several times as long.
    rows = functools.reduce(np.maximum, (padded[first::factor] for first in range(factor)))
    return functools.reduce(np.maximum, (rows[:, first::factor] for first in range(factor)))


def block_means(pixels: Array, factor: int) -> NDArray[np.float32]:
    """Return the mean of each whole `factor` x `factor` block of `pixels` (H, W, …): (H // factor, W // factor, …)."""
    if factor == 1:
        return pixels.astype(np.float32)
    rows, columns = pixels.shape[0] // factor, pixels.shape[1] // factor
    total = np.zeros((rows, columns, *pixels.shape[2:]), np.float32)
    for y in range(factor):
        for x in range(factor):
            total += pixels[y : rows * factor : factor, x : columns * factor : factor]
    return np.asarray(total / (factor * factor), np.float32)
