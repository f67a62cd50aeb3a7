"""Where the command ``photon-relax`` starts, also as ``python -m photon_relax``.

The imports take a while, so a Ctrl-C may well meet them: they stand inside the function that
answers it.
"""

import sys

__all__ = ["main"]


def main() -> int:
    """Load the command line and run it; return the exit status."""
    try:
        from photon_relax.cli import main as run

        return run()
    except KeyboardInterrupt:
        print("photon-relax: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
