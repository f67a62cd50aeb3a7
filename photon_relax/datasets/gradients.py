"""Oriented gradients: what a small network sees of a photo.

Histograms of oriented gradients (N. Dalal and B. Triggs, CVPR 2005, doi 10.1109/CVPR.2005.177)
are the hand-made features of the SVHN paper (Y. Netzer et al., 2011, section 4). A stroke is an
edge whether the digit is lighter or darker than its ground, so the direction is taken modulo pi,
and neither brightness nor contrast of the photo changes the result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELL = 4
"""Side of a cell, pixels."""

ORIENTATIONS = 8
"""Directions told apart in [0, pi), the first along the rows."""

# ITU-R BT.601 luma: red, green, blue.
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def grey(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luma (b, 32, 32), 0 to 255, of colour images (b, 32, 32, 3)."""
    luma: NDArray[np.float32] = images.astype(np.float32) @ _LUMA
    return luma


def oriented_gradients(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the gradient histograms of images, each of zero mean and unit variance.

    Parameters
    ----------
    images
        Colour images, (b, side, side, 3) uint8, side a multiple of ``CELL``.

    Returns
    -------
    features
        (b, (side/CELL)² ORIENTATIONS) float32: per cell, per direction, the root of the mean
        gradient magnitude, shared linearly between the two nearest directions. An image without
        any gradient gives zeros.
    """
    luma = grey(images)
    batch, side, _ = luma.shape
    across, down = np.zeros_like(luma), np.zeros_like(luma)
    across[:, :, 1:-1] = luma[:, :, 2:] - luma[:, :, :-2]
    down[:, 1:-1] = luma[:, 2:] - luma[:, :-2]
    magnitude = np.hypot(across, down)
    direction = np.arctan2(down, across) * np.float32(ORIENTATIONS / np.pi)

    lower = np.floor(direction)
    share = direction - lower
    first = lower.astype(np.int64) % ORIENTATIONS  # modulo pi: a direction and its opposite
    second = (first + 1) % ORIENTATIONS

    cells = side // CELL
    pixel = np.arange(side) // CELL
    base = ((np.arange(batch)[:, None, None] * cells + pixel[:, None]) * cells + pixel) * (
        ORIENTATIONS
    )
    size = batch * cells * cells * ORIENTATIONS
    histogram = np.bincount((base + first).ravel(), (magnitude * (1 - share)).ravel(), size)
    histogram += np.bincount((base + second).ravel(), (magnitude * share).ravel(), size)
    return standardise(np.sqrt(histogram.reshape(batch, -1)))


def standardise(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return each row with zero mean and unit variance; a constant row becomes zeros."""
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    # Below this a spread is rounding of a constant row, not a picture.
    constant = spread <= 1e-6 * np.abs(vectors).max(axis=1, keepdims=True)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, spread)).astype(np.float32)
