"""Train photonic recurrent networks at three depths of device physics.

The public names load on first use, so that ``import photon_relax`` stays fast and a command that
needs no network does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from photon_relax.house import refuse_strangers
from photon_relax.version import __version__

if TYPE_CHECKING:
    from photon_relax.config import TrainingConfig
    from photon_relax.datasets import Dataset, load_dataset
    from photon_relax.hardware import Hardware
    from photon_relax.network import ReLaXNet
    from photon_relax.run_file import RunFile
    from photon_relax.studies import Study
    from photon_relax.text_sampling import sample_text
    from photon_relax.training import Trainer

__all__ = [
    "Dataset",
    "Hardware",
    "ReLaXNet",
    "RunFile",
    "Study",
    "Trainer",
    "TrainingConfig",
    "__version__",
    "load_dataset",
    "sample_text",
]

refuse_strangers()

_HOMES = {
    "Dataset": "datasets",
    "Hardware": "hardware",
    "ReLaXNet": "network",
    "RunFile": "run_file",
    "Study": "studies",
    "Trainer": "training",
    "TrainingConfig": "config",
    "load_dataset": "datasets",
    "sample_text": "text_sampling",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'photon_relax' has no attribute {name!r}")
    value = getattr(import_module(f"photon_relax.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
