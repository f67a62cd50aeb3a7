"""Slow oracles: loops over plain numbers that share no helper with the packages they check.

Every kernel and every vectorised computation is held against one of these. One section an area.
"""

import math

# --- data sets ---------------------------------------------------------------------------------


def oriented_gradients(photo):
    """Histogram of oriented gradients of one colour image (side, side, 3), pixel by pixel."""
    side = len(photo)
    cells = side // 4
    luma = [[0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] for p in map(list, row)] for row in photo]
    luma = [[float(value) for value in row] for row in luma]
    histogram = [[[0.0] * 8 for _ in range(cells)] for _ in range(cells)]
    for r in range(side):
        for c in range(side):
            across = luma[r][c + 1] - luma[r][c - 1] if 0 < c < side - 1 else 0.0
            down = luma[r + 1][c] - luma[r - 1][c] if 0 < r < side - 1 else 0.0
            magnitude = math.sqrt(across**2 + down**2)
            position = math.atan2(down, across) % math.pi / math.pi * 8
            share = position % 1.0
            cell = histogram[r // 4][c // 4]
            cell[int(position) % 8] += magnitude * (1.0 - share)
            cell[(int(position) + 1) % 8] += magnitude * share
    flat = [math.sqrt(value) for row in histogram for cell in row for value in cell]
    mean = sum(flat) / len(flat)
    spread = math.sqrt(sum((value - mean) ** 2 for value in flat) / len(flat))
    return [(value - mean) / spread for value in flat]
