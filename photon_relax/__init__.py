"""Train photonic recurrent networks at three depths of device physics."""

from photon_relax.version import __version__

__all__ = ["__version__"]
