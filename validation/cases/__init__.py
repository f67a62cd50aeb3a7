"""The validation cases, one module a topic; importing this registers them all."""

from validation.cases import mesh

__all__ = ["mesh"]
