"""Whether two runs were trained to the same bits."""

import numpy as np


def assert_same_training(one, other):
    """Parameters, the optimiser's memory and curves are the same; what measures time may differ."""
    for which in ("latest", "best"):
        for name, array in one.parameters[which].items():
            np.testing.assert_array_equal(other.parameters[which][name], array, strict=True)
    for name, memory in one.optimiser.items():
        for key, array in memory.items():
            np.testing.assert_array_equal(other.optimiser[name][key], array, strict=True)
    for table, columns in one.metrics.items():
        for key in columns.keys() - {"seconds", "rate"}:
            np.testing.assert_array_equal(other.metrics[table][key], columns[key])
