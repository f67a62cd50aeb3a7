"""What ``photon-relax study run`` and ``resume`` do once their words are understood."""

from __future__ import annotations

import json
import math
import shlex
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xarray as xr
from rich.console import Console

from photon_relax.cli.output import Stopped, show_line
from photon_relax.run_folder import check_run_folder, next_run_folder
from photon_relax.studies.answer import Answer
from photon_relax.studies.engine import ClusterLost
from photon_relax.studies.measures import NetworkMeasure
from photon_relax.studies.specification import Specification
from photon_relax.studies.study import Study, StudyInterrupted
from photon_relax.studies.study_file import read_study_file, study_of_record
from photon_relax.studies.study_folder import STUDY, StudyRecord
from photon_relax.studies.study_watcher import ConsoleStudyWatcher

__all__ = ["StudySession", "told_how_to_go_on"]

_STUDIES = Path("studies")


@dataclass(frozen=True, kw_only=True)
class StudySession:
    """One call of a command; the fields are its options."""

    workers: int | None
    scheduler: str | None
    as_json: bool

    def run(self, file: Path, out: Path | None, data_dir: Path | None) -> None:
        """Begin the study of a file."""
        study, folder = self._begin(file, out, data_dir)
        if isinstance(study, Specification):
            raise ValueError(f"{file} asks for a search: photon-relax study solve {file}")
        self._work(study, folder, resume=False)

    def solve(self, file: Path, out: Path | None, data_dir: Path | None) -> None:
        """Begin the search of a file."""
        study, folder = self._begin(file, out, data_dir)
        if isinstance(study, Study):
            raise ValueError(
                f"{file} does not say what is enough; add a table [solve], such as within = 0.01"
            )
        self._search(study, folder, resume=False)

    def resume(self, folder: Path, *, retry_failed: bool) -> None:
        """Go on with the study, or the search, of a folder."""
        study = study_of_record(StudyRecord.read(folder), folder)
        if isinstance(study, Specification):
            self._search(study, folder, resume=True)
        else:
            self._work(study, folder, resume=True, retry_failed=retry_failed)

    def _begin(
        self, file: Path, out: Path | None, data_dir: Path | None
    ) -> tuple[Study | Specification, Path]:
        if out is not None:
            check_run_folder(out, resume=False, kind=STUDY)
        return read_study_file(file, data_dir), out or next_run_folder(_STUDIES, file.stem)

    def _work(
        self, study: Study, folder: Path, *, resume: bool, retry_failed: bool = False
    ) -> None:
        _prepare(study)
        with told_how_to_go_on(folder, _go_on(folder)):
            results = study.run(
                folder,
                resume=resume,
                retry_failed=retry_failed,
                workers=self.workers,
                scheduler=self.scheduler,
                watcher=ConsoleStudyWatcher(Console(stderr=True), _headline(study, folder)),
            )
        self._report(study, results, folder)

    def _search(self, search: Specification, folder: Path, *, resume: bool) -> None:
        _prepare(search.study)
        with told_how_to_go_on(folder, _go_on(folder)):
            solution, target, _ = search.run(
                folder,
                resume=resume,
                workers=self.workers,
                scheduler=self.scheduler,
                watcher=ConsoleStudyWatcher(Console(stderr=True), ""),
            )
        sentence = search.sentence(solution, target)
        picture = StudyRecord.picture(folder)
        if self.as_json:
            found = {key: value for key, value in asdict(solution).items() if key != "probes"}
            probes = [asdict(probe) for probe in solution.probes]
            told = {"study": str(folder), "question": search.study.question, "target": target}
            print(json.dumps({**told, **found, "sentence": sentence, "probes": probes}), flush=True)
        else:
            self._say(search.study.question, sentence, StudyRecord.results(folder))
        search.draw(solution, target, picture)
        if not self.as_json:
            show_line(picture)

    def _say(self, *lines: object) -> None:
        for line in lines:
            if line:
                show_line(line)

    def _report(self, study: Study, results: xr.Dataset, folder: Path) -> None:
        # The figures first: a picture that cannot be written must not take them along.
        answer = study.answer(results)
        failed = int((results["status"] == 2).sum())
        if self.as_json:
            print(json.dumps(_record(folder, study, answer, failed), allow_nan=False), flush=True)
        else:
            told = "nothing was measured" if answer is None else answer.sentence
            again = failed and (
                f"{failed:,} failed (photon-relax study status {folder} tells why); to try them "
                f"again, {_go_on(folder)} --retry-failed"
            )
            self._say(study.question, told, again, StudyRecord.results(folder))
        study.draw(results, StudyRecord.picture(folder))
        if not self.as_json and answer is not None:
            show_line(StudyRecord.picture(folder))


def _prepare(study: Study) -> None:
    if isinstance(study.function, NetworkMeasure):
        study.function.prepare()


def _go_on(folder: Path) -> str:
    return f"go on with: photon-relax study resume {shlex.quote(str(folder))}"


@contextmanager
def told_how_to_go_on(folder: Path, advice: str) -> Iterator[None]:
    """Add to whatever ends the work on a study what is kept and how to go on."""
    try:
        yield
    except StudyInterrupted as stop:
        raise Stopped(f"{stop}; {advice}", stop.signal) from None
    except ClusterLost as error:
        raise ValueError(f"{error}; what was measured is kept; {advice}") from None
    except KeyboardInterrupt:
        if not StudyRecord.journal(folder).exists():
            raise
        raise Stopped(f"stopped at once; {advice}", signal.SIGINT) from None


def _headline(study: Study, folder: Path) -> str:
    tasks = study.tasks
    times = f", {study.replicates} times each" if study.replicates > 1 else ""
    base = ", and the base" if study.baseline is not None else ""
    return f"{len(tasks.design):,} points{base}{times}; study folder {folder}"


def _record(folder: Path, study: Study, answer: Answer | None, failed: int) -> dict[str, Any]:
    """All that the study says, as JSON."""
    told = {} if answer is None else {**asdict(answer), "sentence": answer.sentence}
    return {
        "study": str(folder),
        "question": study.question,
        "tasks": len(study.tasks),
        "failed": failed,
        "results": str(StudyRecord.results(folder)),
        "picture": None if answer is None else str(StudyRecord.picture(folder)),
        **_finite(told),
    }


def _finite(value: Any) -> Any:
    """JSON has no NaN, so None where nothing is known; and infinity by its name."""
    if isinstance(value, Mapping):
        return {name: _finite(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
