"""What ``photon-relax sample`` does once its words are understood."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from photon_relax.comparison import conditions, hardware_variants
from photon_relax.config import FidelityName
from photon_relax.progress_bar import ConsoleBar
from photon_relax.run_file import RunFile
from photon_relax.text_sampling import generate_text, text_known_to

__all__ = ["SamplingSession"]


@dataclass(frozen=True, kw_only=True)
class SamplingSession:
    """One call of the command; the fields are its arguments."""

    run: Path
    prompt: str
    length: int
    count: int
    temperature: float
    top_k: int | None
    seed: int
    fidelities: Sequence[FidelityName]
    hardware_files: Sequence[Path]
    changes: Mapping[str, Any]
    data_dir: Path | None
    as_json: bool

    def execute(self) -> None:
        """Write the texts of every condition, each as it grows or all as JSON."""
        run = RunFile.read(self.run)
        alphabet, opening = text_known_to(run, self.data_dir)
        network = run.build_network()
        listed = conditions(
            network.fidelity,
            network.hardware,
            self.fidelities,
            hardware_variants(network.hardware, self.hardware_files, self.changes),
        )
        asked = {
            key: getattr(self, key) for key in ("length", "count", "temperature", "top_k", "seed")
        }
        before = opening + self.prompt
        # What does not fit is refused before the first character is written.
        labelled = [
            (c, generate_text(network.at(c.fidelity, c.hardware), alphabet, before, **asked))
            for c in listed
        ]
        if self.as_json:
            told = [
                {"condition": c.label, "fidelity": c.fidelity, "texts": self._gather(pieces)}
                for c, pieces in labelled
            ]
            record = {"run": str(self.run), "prompt": self.prompt, **asked, "conditions": told}
            print(json.dumps(record), flush=True)
            return
        for condition, pieces in labelled:
            self._stream(pieces, condition.label if len(labelled) > 1 else "")

    def _gather(self, pieces: Iterable[Sequence[str]]) -> list[str]:
        """Return the texts, with a bar for those who wait."""
        bar = ConsoleBar(Console(stderr=True), "writing")
        bar.start(0, self.length, "")
        kept = []
        for piece in pieces:
            kept.append(piece)
            bar.move(len(kept), "", f"{len(kept)} of {self.length} characters")
        bar.stop()
        return ["".join(text) for text in zip(*kept, strict=True)]

    def _stream(self, pieces: Iterable[Sequence[str]], label: str) -> None:
        """Show the first text while all of them grow, then the others, each under its heading."""
        kept = []
        self._begin(label, 0)
        for piece in pieces:
            kept.append(piece)
            sys.stdout.write(piece[0])
            sys.stdout.flush()
        for number, text in enumerate(zip(*kept, strict=True)):
            if number:
                self._begin(label, number)
                sys.stdout.write("".join(text))
            sys.stdout.write("\n")

    def _begin(self, label: str, number: int) -> None:
        """Write the heading of a text, where there are several, and its prompt."""
        which = f"{number + 1} of {self.count}" if self.count > 1 else ""
        if heading := ", ".join(filter(None, [label, which])):
            sys.stdout.write(f"── {heading} ──\n")
        sys.stdout.write(self.prompt)
