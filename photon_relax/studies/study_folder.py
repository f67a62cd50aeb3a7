"""The folder of a study: what was asked, the journal of what came, and what is made of it.

study.json       the question, the definition, and what it was begun with
journal.jsonl    a line a finished point: the truth
results.h5       made of the two, over and over
response.png     the picture of it
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from photon_relax.atomic_file import write_atomically
from photon_relax.environment import describe_installation
from photon_relax.run_folder import FolderKind, check_run_folder

__all__ = ["STUDY", "StudyRecord"]

_DEFINITION = "study.json"
_FORMAT = "photon_relax study"
_VERSION = 1

STUDY = FolderKind(_DEFINITION, "study", "at work", "photon-relax study resume")


@dataclass(frozen=True, kw_only=True)
class StudyRecord:
    """What a study folder says about its study, by the names of `Study`."""

    question: str
    """What the study is to answer."""
    definition: Mapping[str, Any]
    """All that decides what is measured where, as plain data."""
    points_digest: str
    """Digest of the points, see `Design.digest`."""
    environment: Mapping[str, Any] = field(default_factory=describe_installation, compare=False)
    """The installation that the study is begun with."""

    @staticmethod
    def journal(folder: Path) -> Path:
        """Where the outcomes are."""
        return folder / "journal.jsonl"

    @staticmethod
    def results(folder: Path) -> Path:
        """Where the data set is."""
        return folder / "results.h5"

    @staticmethod
    def picture(folder: Path) -> Path:
        """Where the picture is."""
        return folder / "response.png"

    def write(self, folder: Path) -> None:
        """Write it, with the installation that the study is begun with."""
        content = {
            "format": _FORMAT,
            "version": _VERSION,
            "question": self.question,
            "definition": self.definition,
            "points_digest": self.points_digest,
            "environment": dict(self.environment),
        }
        # An isolation may be infinite, for which Python has a word that JSON has not.
        text = json.dumps(content, indent=2, ensure_ascii=False)
        write_atomically(folder / _DEFINITION, f"{text}\n".encode())

    @classmethod
    def read(cls, folder: str | Path) -> StudyRecord:
        """Read it back.

        Raises
        ------
        ValueError
            The folder holds no study, or one that is damaged or of a later version.
        """
        check_run_folder(folder, resume=True, kind=STUDY)
        path = Path(folder) / _DEFINITION
        try:
            content = json.loads(path.read_bytes())
            version = content["version"] if content["format"] == _FORMAT else None
            found = cls(
                question=str(content["question"]),
                definition=dict(content["definition"]),
                points_digest=str(content["points_digest"]),
                environment=dict(content["environment"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is damaged or of no study: {error}") from None
        if version != _VERSION:
            raise ValueError(
                f"{path} has the format {content['format']!r}, version {version!r}; this "
                f"photon_relax reads {_FORMAT!r}, version {_VERSION}"
            )
        return found

    def demand_same(self, other: StudyRecord, folder: Path) -> None:
        """Refuse to go on with another study than the one in the folder.

        Raises
        ------
        ValueError
            The message names what differs.
        """
        keys = sorted({*self.definition, *other.definition})
        changes = [
            f"{key} was {self.definition.get(key)!r}, is {other.definition.get(key)!r}"
            for key in keys
            if self.definition.get(key) != other.definition.get(key)
        ]
        if changes:
            raise ValueError(f"{folder} holds another study; what differs: {'; '.join(changes)}")
        if self.points_digest != other.points_digest:
            raise ValueError(
                f"{folder} was begun with other libraries, which drew other points from the same "
                "seed (study.json names their versions)"
            )
