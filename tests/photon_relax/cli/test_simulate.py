import json

import h5py
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
    assert drop["highest_dB"] == pytest.approx(-0.188, abs=0.01)
    # Half a radian more: the resonance at 1.55 µm is 0.5/2π of a spectral range redder, λ²/(n_g L)
    # = 9.10 nm (second order 1e-3 of it, a grid of 1 pm).
    moved = drop["at_nm"] - 1550.0
    assert moved == pytest.approx(9.10 * 0.5 / (2 * np.pi), rel=5e-3)
    back = next(p for p in paths if (p["from"], p["to"]) == ("in", "in"))
    assert back["highest_dB"] is None  # nothing is reflected


def test_a_ring_fills_in_time(ring, tmp_path, capsys):
    folder = tmp_path / "run"
    words = ["simulate", ring, "--time", "200ps", "--dt", "50fs", "--input", "in=step(1e-3,5e-11)"]
    assert main([*words, "--out", str(folder), "--json"]) == 0
    rows = {row["port"]: row for row in json.loads(capsys.readouterr().out)["paths"]}
    # On resonance, 14 lifetimes after the light came: −0.188 dB of 1 mW.
    assert rows["drop"]["last_power_mW"] == pytest.approx(10**-0.0188, rel=1e-3)
    assert rows["in"]["energy_in_pJ"] == pytest.approx(0.15, rel=1e-3)
    assert rows["drop"]["energy_out_pJ"] < 0.15
    assert {path.name for path in folder.iterdir()} == {"transient.h5", "transient.png"}
    with h5py.File(folder / "transient.h5") as file:
        assert [dimension[0].name for dimension in file["leaving_real"].dims] == ["/port", "/time"]
        leaving = file["leaving_real"][()] + 1j * file["leaving_imag"][()]
        last = np.abs(leaving[list(file["port"].asstr()[()]).index("drop"), -1]) ** 2
    assert last * 1e3 == pytest.approx(rows["drop"]["last_power_mW"], rel=1e-12)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give either --wavelength"),
        (["--wavelength", "1540nm:1560nm:5", "--time", "1ns"], "give either --wavelength"),
        (["--wavelength", "1540nm:1560nm:5", "--input", "in=cw(1)"], "--input goes with --time"),
        (["--time", "1ns"], "--time needs light"),
        (["--time", "soon", "--input", "in=cw(1)"], "take a time, such as 2ns"),
        (["--time", "1ns", "--dt", "2ns", "--input", "in=cw(1)"], "0 < STEP ≤ DURATION"),
        (["--time", "1ns", "--dt", "1e-20", "--input", "in=cw(1)"], "at most 10,000,000 samples"),
        (["--time", "1ns", "--input", "in"], "--input takes PORT=WAVEFORM"),
        (["--time", "1ns", "--input", "on=cw(1)"], "has the ports in, through"),
        (["--time", "1ns", "--input", "in=cw(1)", "--input", "in=cw(2)"], "is given twice"),
        (["--time", "1ns", "--input", "in=cw(1,2)"], "cw takes (power)"),
        (["--time", "1ns", "--input", "in=cw(-1)"], "a power ≥ 0 W"),
        (["--time", "1ns", "--input", "in=saw(1)"], "there is no waveform 'saw'"),
        (["--time", "1ns", "--input", "in=light.txt"], "is no waveform"),
        (["--time", "1ns", "--input", "in=light.csv"], "light.csv"),
        (["--time", "1ns", "--carrier", "red", "--input", "in=cw(1)"], "--carrier takes"),
        (["--time", "1us", "--input", "in=cw(1)"], "dt"),
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
