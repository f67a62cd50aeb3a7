"""Device-parameter studies: from a question to figures that answer it."""

from photon_relax.studies.design import Wafers
from photon_relax.studies.study import Study, StudyInterrupted

__all__ = ["Study", "StudyInterrupted", "Wafers"]
