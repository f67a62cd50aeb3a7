import numpy as np
import pytest

import validation.cases
from validation import case as registry
from validation.case import case, measured

assert validation.cases  # it registers the cases of the house


@pytest.fixture
def own_cases(monkeypatch):
    """An empty registry, and a function that registers a case in it with facts of no interest."""
    monkeypatch.setattr(registry, "_registry", {})
    monkeypatch.setattr(registry, "CASES", registry._registry)

    def register(name, *, error=0.0, raises=None, **facts):
        facts = {
            "title": "what", "formula": "y = x", "source": "who", "model": "devices.X",
            "tolerance": 1e-3, "why": "because",
        } | facts  # fmt: skip

        def measure():
            if raises is not None:
                raises_now = raises
                raise raises_now
            x = np.linspace(0, 1, 5)
            return measured(x, x, x, x="x / m", y="y / W", error=error)

        case(name=name, **facts)(measure)

    return register
