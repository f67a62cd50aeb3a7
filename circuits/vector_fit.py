"""Poles of a table of S-parameters, through scikit-rf's vector fitting.

scikit-rf fits signals that are real in time: its S(−ω) is the conjugate of S(ω), its poles come in
conjugate pairs and its constant is real. The envelope of light about a carrier is complex and has
no such symmetry; a fit over optical frequencies themselves has poles of 10⁻⁶ of their distance
from zero, and a real constant. So the table is moved to its middle ν_c and taken apart,

    G(ω) = S(ν_c − ω/2π) = A(ω) + i B(ω),   A = (G(ω) + G(−ω)*)/2,  B = (G(ω) − G(−ω)*)/2i,

where A and B are spectra of real signals, known at ω ≥ 0: what S does to the real and to the
imaginary part of an envelope. (e^{-iΩt} of this house is e^{+jωt} of scikit-rf with ω = −Ω, hence
the mirror.) scikit-rf fits the real network [[A, B], [B, −A]] of twice the ports. It has the
singular values of S at ω and at −ω, so it is passive exactly where S is, and symmetric where S is
reciprocal. With its poles p, p* and residues R_A, R_B,

    S = D_A + i D_B + Σ (R_A + i R_B)/(−iΩ − p) + (R_A* + i R_B*)/(−iΩ − p*),

in which the half of a pair that the table does not contain has no residue, and is dropped.
"""

import warnings
from dataclasses import replace
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuits.component import Matrices
from circuits.pole_model import PoleModel
from circuits.s_parameters import SParameters

_SYMMETRIC = 1e-9
"""Distance of the samples from a mirrored list, in steps, that is rounding."""

_TRIED = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20)
"""Numbers of poles that are tried in turn."""

_PASSIVE = 1e-9
"""Singular value above 1 that is rounding of the table."""

_SEARCHED = 1e-8
"""Relative accuracy of `PoleModel.worst_gain`."""

_MOST_STATES = 256
"""States up to which residues are perturbed: scikit-rf takes 200 matrices of their square."""


class FitError(ValueError):
    """A table that so many poles do not describe."""


def fit(
    s: SParameters, *, poles: int | None = None, tolerance: float = 1e-3, passive: bool = True
) -> PoleModel:
    """Fit poles to S-parameters.

    Parameters
    ----------
    s : SParameters
        The table. A long delay in it takes many poles (some two for each turn of the phase over
        the band); rather give it to a waveguide beside the component.
    poles : int, optional
        How many, in pairs of which S keeps one half or
        both; without it 1, 2, 3, … 20 until the error is small enough.
    tolerance : float
        Largest |ΔS| of a sample that is accepted; |S| itself is near 1.
    passive : bool
        Keep the model from giving more power than it takes, at any frequency: by scikit-rf's
        perturbation of the residues where that costs less than scaling the model down. False for a
        table with gain.

    Returns
    -------
    model : PoleModel
        About the middle of the band; `PoleModel.with_carrier` gives it for another carrier.

    Raises
    ------
    FitError
        Where the error stays above the tolerance, with the figures.
    ValueError
        Where the table itself has gain and `passive` asks for none.
    """
    if not 0 < tolerance < 1:
        raise ValueError(f"tolerance must be between 0 and 1 (an error of S); got {tolerance!r}.")
    if poles is not None and not 1 <= poles <= 512:
        raise ValueError(f"poles must be between 1 and 512; got {poles!r}.")
    most = len(s.frequency) // 2
    if most < 2:
        raise ValueError(
            f"{s.where}a fit of poles needs at least 4 samples; got {len(s.frequency)}."
        )
    if passive and not s.is_passive(max(_PASSIVE, tolerance)):
        worst = s.worst_gain
        raise ValueError(
            f"{s.where}the S-parameters have gain: a singular value of {worst.gain:.6g} at "
            f"{worst.frequency:.9g} Hz. For a part with gain write passive=False."
        )
    best: PoleModel | None = None
    for count in [poles] if poles is not None else [it for it in _TRIED if it <= most]:
        model = _fitted(s, min(count, most), tolerance, passive)
        if best is None or model.max_error < best.max_error:
            best = model
        if best.max_error <= tolerance:
            return best
    assert best is not None  # at least two poles were tried
    raise FitError(
        f"{s.where}{len(best.poles)} poles leave errors of S of {best.rms_error:.3g} (rms) and "
        f"{best.max_error:.3g} (largest), above the tolerance of {tolerance:.3g}. Give more poles "
        f"or samples, take a long delay out of the table, or accept with a larger tolerance."
    )


def _fitted(s: SParameters, count: int, tolerance: float, passive: bool) -> PoleModel:
    offsets, above, below = _mirrored(s)
    vector_fitting = _vector_fitting(offsets, _real_network(above, below), count)
    model = _measured(_complex_model(s, vector_fitting, tolerance), s)
    # Passivity only adds to the error, and takes longer than the fit.
    if not passive or model.max_error > tolerance or (gain := model.worst_gain.gain) <= 1.0:
        return model
    scaled = _measured(_scaled(model, gain), s)
    if gain - 1.0 <= tolerance / 2 or not _enforced(vector_fitting):
        return scaled
    perturbed = _complex_model(s, vector_fitting, tolerance)
    perturbed = _measured(_scaled(perturbed, perturbed.worst_gain.gain), s)
    return perturbed if perturbed.max_error < scaled.max_error else scaled


# To real signals and back


def _mirrored(s: SParameters) -> tuple[NDArray[np.float64], Matrices, Matrices]:
    """Return offsets ≥ 0 from the middle in Hz, and S as far above and below it."""
    light = s.frequency
    middle = _middle(s)
    step = (light[-1] - light[0]) / (len(light) - 1)
    half = len(light) // 2
    if np.allclose(light + light[::-1], 2 * middle, rtol=0, atol=_SYMMETRIC * step):
        return (light - middle)[half:], s.matrix[half:], s.matrix[::-1][half:]
    offsets = np.linspace(0.0, (light[-1] - light[0]) / 2, half + 1)
    return offsets, s.scattering(middle + offsets), s.scattering(middle - offsets)


def _middle(s: SParameters) -> float:
    return float(s.frequency[0] + s.frequency[-1]) / 2


def _real_network(above: Matrices, below: Matrices) -> Matrices:
    """Return [[A, B], [B, −A]] at ω ≥ 0; G(ω) is S as far below the middle."""
    a = (below + np.conj(above)) / 2
    b = (below - np.conj(above)) / 2j
    return np.block([[a, b], [b, -a]])


def _complex_model(s: SParameters, fitted: Any, tolerance: float) -> PoleModel:
    """Return A + iB of a fitted real network; its two copies of each are averaged.

    The mean of a network and of itself turned by a quarter of the phase: passive if it is.
    """
    n = len(s.ports)
    residues = _a_and_ib(np.asarray(fitted.residues).T.reshape(-1, 2 * n, 2 * n))
    constant = _a_and_ib(np.asarray(fitted.constant_coeff).reshape(1, 2 * n, 2 * n))
    paired = fitted.poles.imag != 0
    poles = np.concatenate([fitted.poles, np.conj(fitted.poles[paired])])
    whole = np.concatenate(
        [
            residues[0] + 1j * residues[1],
            (np.conj(residues[0]) + 1j * np.conj(residues[1]))[paired],
        ]
    )
    # What a pole adds at most, anywhere: its residue over its decay.
    share = np.linalg.norm(whole, ord=2, axis=(1, 2)) / -poles.real
    kept = share > 1e-4 * tolerance / max(1, len(poles))
    return PoleModel(
        ports=s.ports,
        reference_frequency=_middle(s),
        poles=poles[kept],
        residues=whole[kept],
        constant=(constant[0] + 1j * constant[1])[0],
        band=(float(s.frequency[0]), float(s.frequency[-1])),
    )


def _a_and_ib(real: Matrices) -> tuple[Matrices, Matrices]:
    """Return A and B of networks [[A, B], [B, −A]]."""
    n = real.shape[1] // 2
    a = (real[:, :n, :n] - real[:, n:, n:]) / 2
    b = (real[:, :n, n:] + real[:, n:, :n]) / 2
    return a, b


# scikit-rf


def _vector_fitting(offsets: NDArray[np.float64], real: Matrices, count: int) -> Any:
    """Return scikit-rf's fit with `count` poles, of pairs of which S keeps one half or both."""
    from skrf import Frequency, Network  # a fifth of a second, only where it is needed
    from skrf.vectorFitting import VectorFitting

    network = Network(frequency=Frequency.from_f(offsets, unit="hz"), s=real, z0=50.0)
    fitting = VectorFitting(network)
    widest = 2 * pi * offsets[-1]
    # Evenly over the band, each as broad as its distance from the next.
    place = (np.arange(count) + 0.5) / count * widest
    fitting.max_iterations = 20
    fitting.poles = place * 1j - widest / (2 * count)
    with warnings.catch_warnings():
        # It warns of slow convergence and of gain, both of which are measured here afterwards.
        warnings.simplefilter("ignore")
        fitting.vector_fit(init_pole_spacing="custom", enforce_dc=False)
    return fitting


def _enforced(fitting: Any) -> bool:
    """Perturb the residues of a fit until it is passive; whether that was done."""
    n_states = fitting.get_model_order(fitting.poles) * fitting.network.nports
    if n_states > _MOST_STATES:
        return False
    fitting.max_iterations = 30
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitting.passivity_enforce(preserve_dc=False)
    except (np.linalg.LinAlgError, ValueError):
        return False
    return True


# Errors


def _scaled(model: PoleModel, gain: float) -> PoleModel:
    """Return the model without the gain that is left."""
    factor = 1.0 if gain <= 1.0 else (1.0 - _SEARCHED) / gain
    return replace(model, residues=model.residues * factor, constant=model.constant * factor)


def _measured(model: PoleModel, s: SParameters) -> PoleModel:
    """Return the model with its errors at the samples of the table."""
    size = np.abs(model.scattering(s.frequency) - s.matrix)
    return replace(
        model,
        rms_error=float(np.sqrt(np.mean(size**2))),
        max_error=float(np.max(size)),
    )
