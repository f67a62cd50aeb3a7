import io

import numpy as np
from rich.console import Console

from photon_relax import progress_bar
from photon_relax.evaluation import Evaluation
from photon_relax.watching import ConsoleWatcher


def _watch(*, terminal):
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=120)
    watcher = ConsoleWatcher(console, "images", "digits: 10 images")
    watcher.started(3, 6)
    watcher.stepped(4, 0.5, 0.25, 1234.0, 75.0)
    watcher.validated(5, Evaluation(np.array([0.5]), np.array([1]), np.array([1])), best=False)
    watcher.validated(6, Evaluation(np.array([0.5]), np.array([1]), np.array([1])), best=True)
    watcher.stopping()
    watcher.ended()
    return text.getvalue()


def test_a_log_gets_plain_lines_and_few_of_them():
    assert _watch(terminal=False).splitlines() == [
        "digits: 10 images; going on after step 3",
        "step 6 of 6: validation loss 0.5000, accuracy 100.00% (best so far)",
    ]


def test_a_terminal_gets_a_bar_with_figures():
    shown = _watch(terminal=True)
    for part in ("loss 0.500, accuracy 25.0%", "1,234 images/s", "1 min 15 s left", "4/6"):
        assert part in shown


def test_a_rate_that_is_not_known_yet_is_left_out(monkeypatch):
    monkeypatch.setattr(progress_bar, "_LINE_SECONDS", -1.0)
    text = io.StringIO()
    watcher = ConsoleWatcher(Console(file=text, width=120), "images", "digits: 10 images")
    watcher.started(0, 6)
    watcher.stepped(1, 0.5, 0.25, 0.0, 0.0)
    watcher.stepped(2, 0.5, 0.25, 1234.0, 75.0)
    watcher.ended()
    assert text.getvalue().splitlines()[1:] == [
        "step 1 of 6: loss 0.500, accuracy 25.0%",
        "step 2 of 6: loss 0.500, accuracy 25.0%, 1,234 images/s, 1 min 15 s left",
    ]
