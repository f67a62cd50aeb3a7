"""The house rule: the four packages of this project must come from one place.

``devices``, ``circuits`` and ``validation`` are generic names. Where another distribution, or a
folder on the Python path, answers to one of them, its code would run in place of the simulator's,
and fail late or, worse, not at all. So ``photon_relax`` looks once, when it is imported, and
refuses to start.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

SIBLINGS = ("devices", "circuits", "validation")
COMMAND = "photon-relax"


def refuse_strangers(siblings: tuple[str, ...] = SIBLINGS) -> None:
    """Check that every sibling package lies beside ``photon_relax``, without importing it.

    Raises
    ------
    ImportError
        If one does not; the message says what was found where and what to do. In the command
        line program the message goes to standard error and the program ends with status 2.
    """
    home = Path(__file__).resolve().parent.parent
    strangers = {name: place for name in siblings if (place := _place(name)) != home / name}
    if not strangers:
        return
    found = ", ".join(
        f"'{name}' was found {f'at {place}' if place else 'nowhere'}"
        for name, place in strangers.items()
    )
    message = (
        f"photon_relax cannot start: {found}, but it must lie beside photon_relax in {home}. "
        "Another package or folder of that name comes first on the Python path, and its code "
        "would run in place of the simulator's. Install photon_relax into a clean virtual "
        "environment of its own (in its source folder: make .venv), start it from another folder, "
        "or take the other package off the path."
    )
    if _is_command():
        print(message, file=sys.stderr)
        raise SystemExit(2)
    raise ImportError(message)


def _place(name: str) -> Path | None:
    """Return the folder (or the file, of a plain module) that ``import name`` would use."""
    try:
        spec = find_spec(name)
    except ValueError:  # already imported by someone who left no trace of where from
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def _is_command() -> bool:
    """Say whether this is ``photon-relax`` or ``python -m photon_relax``, not somebody's import.

    While ``-m`` looks for its module, and so imports the package, ``sys.argv[0]`` is ``"-m"``.
    """
    program = sys.argv[0] if sys.argv else ""
    return program == "-m" or Path(program).stem == COMMAND
