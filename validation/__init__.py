"""References that the models are held against, written without the models."""

from validation import closed_forms

__all__ = ["closed_forms"]
