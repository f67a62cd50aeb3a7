"""The data sets that networks are trained on: digits, SVHN and Shakespeare.

=============  ==============  ======  =========  ===========================================
name           task            inputs  classes    where the data come from
=============  ==============  ======  =========  ===========================================
digits         classification  64      10         bundled with scikit-learn
svhn           classification  512     10         ``photon-relax data fetch svhn``
shakespeare    characters      window  alphabet   ``photon-relax data fetch shakespeare``
=============  ==============  ======  =========  ===========================================
"""

from __future__ import annotations

from pathlib import Path

from photon_relax.datasets.dataset import ArraySplit, DataError, Dataset, Split
from photon_relax.datasets.digits import load_digits
from photon_relax.datasets.locations import default_data_dir
from photon_relax.datasets.shakespeare import load_shakespeare
from photon_relax.datasets.svhn import load_svhn

__all__ = [
    "DATASETS",
    "ArraySplit",
    "DataError",
    "Dataset",
    "Split",
    "default_data_dir",
    "load_dataset",
]

DATASETS = ("digits", "svhn", "shakespeare")


def load_dataset(
    name: str,
    data_dir: str | Path | None = None,
    *,
    window: int = 16,
    extra: bool = False,
    features: str = "gradients",
) -> Dataset:
    """Load a data set by name.

    Parameters
    ----------
    name
        ``"digits"``, ``"svhn"`` or ``"shakespeare"``.
    data_dir
        Folder of the files; without it the environment variable ``PHOTON_RELAX_DATA``, or else
        ``~/.photon_relax/data``. Digits need none.
    window
        Shakespeare only: characters shown before the one to guess.
    extra
        SVHN only: train on ``extra_32x32.mat`` too.
    features
        SVHN only: ``"gradients"`` or ``"pixels"``, see :func:`load_svhn`.

    Raises
    ------
    DataError
        If the name is unknown, a file is missing, damaged or of another layout, or an option is
        out of range. The message says what would be right.
    """
    folder = Path(data_dir).expanduser() if data_dir is not None else default_data_dir()
    match name:
        case "digits":
            return load_digits()
        case "svhn":
            return load_svhn(folder, extra=extra, features=features)
        case "shakespeare":
            return load_shakespeare(folder, window=window)
    raise DataError(f"unknown data set {name!r}; there are {', '.join(DATASETS)}")
