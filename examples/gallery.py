"""Circuits in frequency and in time beside their closed forms: a picture of each.

    python -m examples.gallery                     # all of them, into runs/gallery
    python -m examples.gallery crow fabry_perot --out runs/some

The circuits are the netlists of examples/circuits, which ``photon-relax simulate`` runs too.
"""

import argparse
from importlib import import_module
from pathlib import Path

from examples.panels import draw_panels

NAMES = (
    "add_drop_ring",
    "crow",
    "ring_loaded_mzi",
    "lattice_filter",
    "fabry_perot",
    "recirculating_loop",
    "optical_sampling",
)
"""Modules of this folder with `panels`, as their netlists are called."""


def draw(name: str, folder: Path) -> Path:
    """Simulate one circuit, draw it beside its closed forms, and return the picture's path."""
    module = import_module(f"examples.{name}")
    path = folder / f"{name}.png"
    draw_panels(module.panels(), module.__doc__.splitlines()[0].rstrip("."), path)
    return path


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.gallery", description=__doc__.splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--out", type=Path, default=Path("runs/gallery"))
    chosen = parser.parse_args(arguments)
    strangers = set(chosen.names) - set(NAMES)
    if strangers:
        parser.error(f"there is no {', '.join(sorted(strangers))}; there are {', '.join(NAMES)}")
    for name in chosen.names or NAMES:
        print(draw(name, chosen.out))


if __name__ == "__main__":
    main()
