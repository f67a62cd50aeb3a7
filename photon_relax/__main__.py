"""``python -m photon_relax`` is ``photon-relax``."""

import sys

from photon_relax.cli import main

if __name__ == "__main__":
    sys.exit(main())
