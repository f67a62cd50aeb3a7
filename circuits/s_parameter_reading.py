"""S-parameters of any file that is known, by its name; as a component of a netlist too."""

from pathlib import Path
from typing import Any

from circuits.lumerical_file import read_lumerical
from circuits.s_parameters import SParameters
from circuits.touchstone_file import read_touchstone


def read_s_parameters(path: str | Path) -> SParameters:
    """Read ``.dat`` and ``.sparam`` (Lumerical), ``.sNp`` and ``.ts`` (Touchstone).

    Raises
    ------
    ValueError
        Where the name tells of none of them, or the file is not what it should be.
    OSError
        Where the file cannot be read.
    """
    suffix = Path(path).suffix.lower()
    if suffix in (".dat", ".sparam"):
        return read_lumerical(path)
    if suffix == ".ts" or (suffix[:2] == ".s" and suffix[2:-1].isdecimal() and suffix[-1] == "p"):
        return read_touchstone(path)
    raise ValueError(
        f"{path}: S-parameters are read from .dat and .sparam (Lumerical) and from .s2p, .s4p, … "
        f"and .ts (Touchstone); got {suffix or 'no ending'}."
    )


def s_parameters_of_file(*, file: str = "") -> SParameters:
    """Return the component ``s_parameters`` of a netlist.

    Parameters
    ----------
    file : str
        Where its S-parameters are, seen from the working folder or, in a netlist that is a file
        itself, from that one's folder. Its ports have the file's names.
    """
    given: Any = file
    if not isinstance(given, str) or not given:
        raise ValueError(f"file must be the name of a file of S-parameters; got {file!r}.")
    return read_s_parameters(file)
