import json
import os
import signal

import numpy as np
import pytest
import xarray

from circuits.transient_program import Run
from photon_relax.cli import main
from photon_relax.cli.simulate import SIMULATE_EPILOG
from photon_relax.waveforms import describe_shapes

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
    with xarray.open_dataset(folder / "transient.h5", engine="h5netcdf") as data:
        drop = data.sel(port="drop").isel(carrier=0, time=-1)
        last = abs(complex(drop.leaving_real, drop.leaving_imag)) ** 2
    assert last * 1e3 == pytest.approx(rows["drop"]["last_power_mW"], rel=1e-12)


def test_bits_at_several_carriers_are_seen_inside_and_as_eyes(ring, tmp_path, capsys):
    folder = tmp_path / "run"
    words = ["simulate", ring, "--time", "500ps", "--dt", "400fs", "--order", "1", "--eye", "100ps"]
    words += ["--input", "in=bits(1mW, 10GHz, rise=20ps)", "--probe", "left,out0"]
    words += ["--carrier", "1550nm", "--carrier", "1545nm:1546nm:2"]
    assert main([*words, "--out", str(folder), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["paths"]
    highest = {(row["port"], round(row["carrier_nm"])): row["highest_power_mW"] for row in rows}
    assert len(rows) == 3 * 5
    # An 8 % coupler drops −0.188 dB of a ring's steady light on resonance: 1/0.08 as much inside
    # before it, if nothing is lost behind the probe.
    assert highest["drop", 1550] == pytest.approx(10**-0.0188, rel=1e-3)
    assert highest["left,out0", 1550] > 10 * highest["drop", 1550]
    assert highest["left,out0", 1545] < 1.0
    assert {path.name for path in folder.iterdir()} == {"transient.h5", "transient.png", "eye.png"}


def test_a_voltage_switches_light_and_noise_is_of_its_seed(request, tmp_path, capsys):
    link = str(request.config.rootpath / "examples/circuits/link.pic.yml")
    assert main(["simulate", link, "--wavelength", "1540nm:1560nm:5"]) == 2
    assert "electrical ports only" in capsys.readouterr().err
    words = ["simulate", link, "--time", "1ns", "--dt", "5ps", "--json"]
    words += ["--input", "drive=step(3V, 500ps)", "--eye", "100ps"]
    seen = []
    for name, seed in (("quiet", []), ("one", ["1"]), ("again", ["1"]), ("two", ["2"])):
        noise = ["--noise-seed", *seed] if seed else []
        assert main([*words, *noise, "--out", str(tmp_path / name)]) == 0
        with xarray.open_dataset(tmp_path / name / "transient.h5", engine="h5netcdf") as data:
            seen.append(data.leaving_real.sel(port="current").values[0])
    rows = {
        row["port"]: row for row in json.loads(capsys.readouterr().out.splitlines()[0])["paths"]
    }
    # 1 mW less 14 dB on a diode of 1 A/W behind 8 GHz: 25 time constants after the step.
    light = 1e-3 * 10**-1.4
    assert rows["current"]["last_signal"] == pytest.approx(light, rel=1e-3)
    assert rows["current"]["last_power_mW"] is None
    quiet, one, again, two = seen
    np.testing.assert_array_equal(one, again)
    # Thermal noise of 50 Ω at 8 GHz is 2 µA.
    for noise in (one - quiet, two - quiet, one - two):
        assert 1e-6 < noise.std() < 5e-6
    # Before the step there is the dark current of 10 nA.
    assert quiet[99] == pytest.approx(1e-8, rel=1e-6)


def test_the_help_tells_every_waveform():
    for call, _ in describe_shapes():
        assert f"  {call}: " in SIMULATE_EPILOG


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_nothing_behind(ring, tmp_path, capsys, monkeypatch, number, status):
    monkeypatch.chdir(tmp_path)
    forward = Run.forward

    def stepped(run, span, **options):
        os.kill(os.getpid(), number)
        return forward(run, span, **options)

    monkeypatch.setattr(Run, "forward", stepped)
    assert (
        main(["simulate", ring, "--time", "10ps", "--dt", "50fs", "--input", "in=cw(1)"]) == status
    )
    assert capsys.readouterr().err.endswith("photon-relax: stopped; nothing is written\n")
    assert list(tmp_path.iterdir()) == []


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
        (
            ["--time", "1ns", "--input", "on=cw(1)"],
            "--input on: the circuit has no such port. There are 'in', 'through'",
        ),
        (["--time", "1ns", "--input", "in=cw(1)", "--input", "in=cw(2)"], "is given twice"),
        (["--time", "1ns", "--input", "in=cw(1,2)"], "cw(level) does not take '2'"),
        (["--time", "1ns", "--input", "in=cw(-1)"], "a power ≥ 0 W"),
        (["--time", "1ns", "--input", "in=cw(1)", "--eye", "0"], "--eye takes a time > 0"),
        (["--time", "1ns", "--input", "in=cw(1)", "--eye", "1nm"], "--eye takes a time > 0"),
        (["--time", "1ns", "--dt", "50fs", "--input", "in=cw(1)", "--eye", "1ns"], "an eye of"),
        (["--time", "1ns", "--dt", "50fs", "--input", "in=cw(1)", "--probe", "drop"], "INSTANCE,P"),
        (
            ["--time", "1ns", "--dt", "50fs", "--input", "in=cw(1)", "--probe", "left,out3"],
            "no port 'out3', which probe 'left,out3' names. Near: 'out0'",
        ),
        (["--time", "1ns", "--dt", "50fs", "--input", "in=cw(1)", "--order", "2"], "order must be"),
        (["--time", "1ns", "--input", "in=cw(1)", "--carrier", "1:2"], "--carrier takes START"),
        (
            ["--time", "1ns", "--input", "in=cw(1)", "--carrier", "1540nm:1550nm:1001"],
            "at most 1000 carriers",
        ),
        (
            ["--time", "1ns", "--dt", "1fs", "--input", "in=cw(1)", "--carrier", "1m:2m:30"],
            "0 < START < STOP < 1 m",
        ),
        (
            ["--time", "1ns", "--dt", "1fs", "--input", "in=cw(1)", "--carrier", "1um:2um:30"],
            "120,000,000 numbers of 16 bytes",
        ),
        (["--wavelength", "1540nm:1560nm:5", "--eye", "1ps"], "go with --time"),
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
        (
            ["--wavelength", "1540nm:1560nm:5", "--from", "out"],
            "--from out: the circuit has no such port. There are 'in'",
        ),
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
