"""The validation cases, one module a topic; importing this registers them all."""

from validation.cases import loop, mesh

__all__ = ["loop", "mesh"]
