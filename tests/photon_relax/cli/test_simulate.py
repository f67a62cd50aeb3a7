import json

import numpy as np
import pytest

from photon_relax.cli import main

RING = "examples/circuits/add_drop_ring.pic.yml"


@pytest.fixture
def ring(request):
    return str(request.config.rootpath / RING)


def test_a_circuit_is_simulated_drawn_and_kept(ring, tmp_path, capsys):
    folder = tmp_path / "run"
    words = ["simulate", ring, "--wavelength", "1540nm:1560nm:401", "--from", "in"]
    assert main([*words, "--out", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "401 wavelengths, 4 ports" in told
    assert {path.name for path in folder.iterdir()} == {"spectrum.h5", "spectrum.png"}
    # Results that are there are left alone.
    assert main([*words, "--out", str(folder)]) == 2
    assert "already holds a spectrum.h5; name another folder" in capsys.readouterr().err


def test_json_tells_the_extremes(ring, tmp_path, capsys):
    words = ["simulate", ring, "--wavelength", "1.548e-6:1.552e-6:4001", "--json"]
    assert main([*words, "--out", str(tmp_path / "run"), "--set", "left.carrier_phase=0.5"]) == 0
    paths = json.loads(capsys.readouterr().out)["paths"]
    drop = next(p for p in paths if (p["from"], p["to"]) == ("in", "drop"))
    # κ⁴a/(1 − r²a)² of an 8 % coupler and 2.5 dB/cm over 63 µm, the grid within 0.01 dB of it.
    assert drop["highest_db"] == pytest.approx(-0.188, abs=0.01)
    # Half a radian more: the resonance at 1.55 µm is 0.5/2π of a spectral range redder, λ²/(n_g L)
    # = 9.10 nm (second order 1e-3 of it, a grid of 1 pm).
    moved = drop["wavelength_of_highest"] - 1.55e-6
    assert moved == pytest.approx(9.10e-9 * 0.5 / (2 * np.pi), rel=5e-3)
    back = next(p for p in paths if (p["from"], p["to"]) == ("in", "in"))
    assert back["highest_db"] is None  # nothing is reflected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--wavelength", "1540nm:1560nm"], "takes START:STOP:N"),
        (["--wavelength", "1540nm:1560nm:many"], "takes START:STOP:N"),
        (["--wavelength", "1540nm:1560nm:5:6"], "0 < START < STOP"),
        (["--wavelength", "1560nm:1540nm:5"], "0 < START < STOP"),
        (["--wavelength", "1540:1560:5"], "0 < START < STOP < 1 m"),
        (["--wavelength", "1540nm:1560nm:1"], "2 to 10,000,000 points"),
        (["--wavelength", "1540nm:1560nm:5", "--from", "out"], "has the ports in, through"),
        (["--wavelength", "1540nm:1560nm:5", "--set", "left=3"], "INSTANCE.SETTING=NUMBER"),
        (["--wavelength", "1540nm:1560nm:5", "--set", "left.length=long"], "=NUMBER"),
        (["--wavelength", "1540nm:1560nm:5", "--set", "lefd.length=1"], "no instance 'lefd'"),
        (["--wavelength", "1540nm:1560nm:5", "--set", "left.length=-1"], "length must be"),
    ],
)
def test_wrong_words_are_one_line(ring, words, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", ring, *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", "absent.yml", "--wavelength", "1540nm:1560nm:5"]) == 2
    assert "absent.yml" in capsys.readouterr().err
