"""What a worker of the local cluster does when it starts: it leaves Ctrl-C to the client.

A terminal sends it to all processes; the client stops the study and then the workers.
"""

import signal
from typing import Any

__all__ = ["dask_setup"]


def dask_setup(worker: Any) -> None:
    """Ignore SIGINT; Dask calls this in the main thread of the process (its preload)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
