"""The gallery: every picture's simulation lies on its closed form, and says what it claims."""

from importlib import import_module

import matplotlib.image
import numpy as np
import pytest

from examples import crow, lattice_filter, recirculating_loop
from examples.gallery import NAMES, draw, main
from validation.closed_forms import lattice, ring


def panels(name):
    return import_module(f"examples.{name}").panels()


@pytest.mark.parametrize("name", NAMES)
def test_simulation_lies_on_the_closed_form(name):
    for panel in panels(name):
        assert any(
            curve.simulated is not None and curve.closed is not None for curve in panel.curves
        )
        # 2e14 Hz round to 0.03 Hz: 2e-9 rad on the 10 ns of the fibre loop, times its finesse of
        # 90; a delay in closed form is a difference of fourth order; a laser still rings by 1e-5.
        assert panel.tolerance <= 1e-4
        for curve in panel.curves:
            if curve.simulated is None or curve.closed is None:
                continue
            assert len(curve.x) == len(curve.closed) > 10
            assert np.max(np.abs(curve.closed)) > 0
            scale = np.max(np.abs(curve.closed))
            np.testing.assert_allclose(
                curve.simulated,
                curve.closed,
                rtol=0,
                atol=panel.tolerance * scale,
                err_msg=curve.label,
            )


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_shows_its_panels(name, tmp_path):
    picture = matplotlib.image.imread(draw(name, tmp_path))
    height, width = picture.shape[:2]
    assert width > 1000
    assert height > 300 * len(panels(name))
    # Blue lines, in every panel.
    blue = (picture[..., 2] > picture[..., 0] + 0.3).any(axis=1)
    bands = np.array_split(blue[height // 20 :], len(panels(name)))
    assert all(band.any() for band in bands)


def test_from_the_command_line(tmp_path, capsys):
    main(["fabry_perot", "--out", str(tmp_path)])
    assert capsys.readouterr().out.split() == [str(tmp_path / "fabry_perot.png")]
    with pytest.raises(SystemExit):
        main(["ring_of_fire"])
    assert "there is no ring_of_fire; there are add_drop_ring, crow" in capsys.readouterr().err


def test_the_crow_is_flat_and_as_wide_as_designed():
    through, drop = panels("crow")[0].curves
    np.testing.assert_allclose(crow.CROSS, lattice.flat_ring_couplings(5, 0.064), rtol=4e-3)
    level = 10 * np.log10(drop.simulated)
    middle = np.abs(drop.x) < 20
    assert np.ptp(level[middle]) < 0.03  # dB; Butterworth at half the band: 4e-3, and losses
    half = np.abs(drop.x)[level > level[600] - 3.01]
    assert half.max() == pytest.approx(0.064 / 2 * 1189.65, rel=0.01)
    assert through.simulated[600] < 1e-5


def test_light_is_slow_in_a_chain_of_rings():
    """A ring in 1/(2κ) round trips amid the band, and no wave beyond its edges."""
    cell = crow.unit_cell()
    spacing = float(ring.ring_spectral_range(crow.LENGTH, crow.INDEX))
    kappa = np.sqrt(crow.EQUAL)
    step = 1e-4 * spacing
    ahead, behind = (
        np.arccos(crow.bloch_cosine(cell, crow.CARRIER + sign * step)[0].real) for sign in (1, -1)
    )
    slope = (ahead - behind) / (4 * np.pi * step) * spacing
    assert slope == pytest.approx(1 / (2 * kappa), rel=1e-5)  # curvature (2π·1e-4/κ)²
    assert slope == pytest.approx(float(lattice.crow_delay(0.0, kappa)), rel=1e-5)
    edge = 2 * np.arcsin(kappa) / (2 * np.pi) * spacing
    inside, outside = np.abs(
        crow.bloch_cosine(cell, crow.CARRIER + edge * np.array([0.999, 1.001]))
    )
    assert inside < 1 < outside


def test_zeros_of_the_lattice_are_dark():
    (spectra, impulse) = panels("lattice_filter")
    zeros = np.array(sorted(spectra.marks.values())) * 1e9
    circuit, _ = lattice_filter.gallery_circuit("lattice_filter")
    found = circuit.scattering(frequency=lattice_filter.CARRIER + zeros)
    dark = found[:, circuit.ports.index("cross"), circuit.ports.index("in")]
    assert len(zeros) == lattice_filter.STAGES
    np.testing.assert_allclose(dark, 0.0, atol=1e-11)  # 0.03 Hz of 2e14, on a slope of 20 ps
    taps = impulse.curves[0].simulated
    roots = np.roots(taps[np.abs(taps) > 1e-12])
    spacing = float(ring.ring_spectral_range(lattice_filter.LONGER, lattice_filter.INDEX))
    np.testing.assert_allclose(np.abs(roots), 1.0, atol=1e-12)
    np.testing.assert_allclose(np.sort(np.angle(roots)), zeros / spacing * 2 * np.pi, atol=1e-12)


def test_the_loop_oscillates_above_its_threshold():
    pulses = {curve.label: curve.simulated for curve in panels("recirculating_loop")[2].curves}
    assert recirculating_loop.threshold_db() == pytest.approx(3.5016, abs=1e-4)
    assert np.all(np.diff(pulses["gain 3.2 dB"]) < 0)
    assert np.all(np.diff(pulses["gain 3.6 dB"]) > 0)
    comb = panels("recirculating_loop")[0].curves[0]
    inner = comb.simulated[1:-1]
    peaks = comb.x[1:-1][(inner > comb.simulated[:-2]) & (inner > comb.simulated[2:])]
    # c/(n_g L) by hand, read off at 0.2 MHz.
    np.testing.assert_allclose(np.diff(peaks), 299.792458 / 1.4682 / 2, atol=0.41)
