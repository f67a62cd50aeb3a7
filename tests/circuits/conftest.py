import pytest

from circuits import transient_program


@pytest.fixture
def short_stretches(monkeypatch):
    """The way back through time in stretches of 64 samples, however little a sample is."""
    monkeypatch.setattr(transient_program, "_NUMBERS_A_CALL", 1)
