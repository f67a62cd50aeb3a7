import json

import numpy as np
import pytest
import xarray

from circuits import Circuit, load_netlist
from circuits.component_modes import low_pass
from circuits.components import Model
from photon_relax.trace_pictures import draw_eyes, draw_traces, eye_density, thinned
from photon_relax.traces import compute_traces
from photon_relax.waveforms import waveform

RING = "examples/circuits/add_drop_ring.pic.yml"
DT = 5e-14
CARRIERS = [193.4e12, 193.5e12]


@pytest.fixture
def circuit(request):
    return Circuit(load_netlist(request.config.rootpath / RING))


@pytest.fixture
def traces(circuit):
    light = waveform("bits(1mW, 100GHz)", np.arange(2000) * DT)
    return compute_traces(
        circuit, {"in": light}, dt=DT, frequency=CARRIERS, probes=["left,out0"], order=3
    )


def test_traces_are_those_of_the_circuit_about_each_carrier(circuit, traces):
    light = traces.entering.values[0, 0]
    for place, frequency in enumerate(CARRIERS):
        seen = circuit.transient(
            {"in": light}, dt=DT, frequency=frequency, probes=["left,out0"], order=3
        )
        for port, name in enumerate(circuit.ports):
            np.testing.assert_array_equal(traces.leaving.values[place, port], seen.outputs[name])
            np.testing.assert_array_equal(traces.leaving.levels(port)[place], seen.power(name))
        np.testing.assert_array_equal(traces.probed.values[place, 0], seen.probes["left,out0"])
    assert traces.leaving.domains == ("optical",) * 4


def test_xarray_reads_the_file(circuit, traces, tmp_path):
    traces.write(tmp_path / "it.h5")
    with xarray.open_dataset(tmp_path / "it.h5", engine="h5netcdf") as data:
        leaving = data.leaving_real + 1j * data.leaving_imag
        assert leaving.dims == ("carrier", "port", "time")
        np.testing.assert_array_equal(leaving, traces.leaving.values)
        drop = leaving.sel(port="drop").sel(carrier=193.5e12, method="nearest")
        np.testing.assert_array_equal(drop, traces.leaving.values[1, 3])
        inside = data.probed_real.sel(probe="left,out0")
        np.testing.assert_array_equal(inside, traces.probed.values[:, 0].real)
        np.testing.assert_array_equal(
            data.entering_real.sel(input="in"), traces.entering.values[0, 0].real
        )
        assert data.port_domain.sel(port="drop") == "optical"
        assert (data.time.units, data.carrier.units) == ("s", "Hz")
        again = Circuit(load_netlist(json.loads(data.attrs["netlist"])))
    assert again.parameters == circuit.parameters


def test_pictures_are_drawn(traces, tmp_path):
    draw_traces(traces, tmp_path / "traces.png")
    draw_eyes(traces, 1e-11, tmp_path / "eyes.png")
    for name in ("traces.png", "eyes.png"):
        assert (tmp_path / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_an_eye_counts_what_passes():
    """A square wave of 8 samples in time with its period: two levels, one crossing each way."""
    levels = np.tile([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0], 50)
    density, low, high = eye_density(levels, 1e-12, 8e-12)
    rows, columns = density.shape
    assert (low, high) == pytest.approx((-0.08, 1.08))
    total = density.sum(axis=0)
    np.testing.assert_allclose(total, total[0], rtol=1e-9)
    centre = (np.arange(rows) + 0.5) / rows * (high - low) + low
    mean = centre @ density / total
    # 3.5 samples of each level, straight lines of one sample between; a row is 1/200.
    moment = (np.arange(columns) + 0.5) / columns * 8
    expected = np.interp(moment, [0, 3, 4, 7, 8], [0, 0, 1, 1, 0])
    # Smoothing rounds corners by a column, 1/40 of a sample.
    np.testing.assert_allclose(mean, expected, atol=0.02)
    middle = np.argmin(np.abs(centre - 0.5))
    open_there = density[middle, np.abs(moment - 1.5) < 1]
    assert np.all(open_there == 0)


def test_eyes_that_cannot_be_drawn_are_refused(circuit, traces, tmp_path):
    for period in (DT, 6e-11):
        with pytest.raises(ValueError, match="needs two periods of two samples at least"):
            draw_eyes(traces, period, tmp_path / "eyes.png")
    dark = compute_traces(circuit, {"in": np.zeros(10)}, dt=DT, frequency=CARRIERS[:1])
    with pytest.raises(ValueError, match="nothing leaves any port"):
        draw_eyes(dark, 1e-13, tmp_path / "eyes.png")
    draw_traces(dark, tmp_path / "traces.png")


def test_electrical_ports_take_numbers_and_give_them(tmp_path):
    """A low-pass beside a guide: a step of −2 becomes −2 (1 − e^{−t/τ}), and light its power."""
    netlist = {
        "instances": {
            "filter": {"component": "filter"},
            "guide": {"component": "waveguide", "settings": {"length": 0.0}},
        },
        "connections": {},
        "ports": {
            "drive": "filter,in0",
            "read": "filter,out0",
            "in": "guide,in0",
            "out": "guide,out0",
        },
    }
    built = Circuit(load_netlist(netlist), models={"filter": Model(lambda: low_pass(1e-9))})
    time = np.arange(400) * 1e-11
    inputs = {
        "drive": waveform("step(-2V, 1ns)", time, built.domain("drive")),
        "in": waveform("cw(4mW)", time, built.domain("in")),
    }
    traces = compute_traces(built, inputs, dt=1e-11, frequency=CARRIERS[:1], probes=["filter,out0"])
    assert traces.leaving.domains == ("electrical", "electrical", "optical", "optical")
    assert traces.probed.domains == ("electrical",)
    read = traces.leaving.levels(1)[0]
    since = np.maximum(time + 1e-11 - 1e-9, 0.0)  # at the end of each sample
    np.testing.assert_allclose(read, -2 * (1 - np.exp(-since / 1e-9)), atol=1e-12)
    np.testing.assert_array_equal(traces.probed.levels(0)[0], read)
    np.testing.assert_allclose(traces.leaving.levels(3), 4e-3)
    traces.write(tmp_path / "it.h5")
    with xarray.open_dataset(tmp_path / "it.h5", engine="h5netcdf") as data:
        assert data.port_domain.sel(port="read") == "electrical"
        np.testing.assert_array_equal(data.leaving_real.sel(port="read").isel(carrier=0), read)
    draw_traces(traces, tmp_path / "traces.png")
    draw_eyes(traces, 1e-9, tmp_path / "eyes.png")


def test_thinning_keeps_every_spike():
    levels = np.zeros(100_001)
    levels[[12_345, 77_777, 100_000]] = [3.0, -2.0, 1.0]
    time, kept = thinned(np.arange(100_001.0), levels)
    assert len(time) == len(kept) < 5000
    for place, level in ((12_345, 3.0), (77_777, -2.0), (100_000, 1.0)):
        found = np.flatnonzero(kept == level)[0]
        assert abs(time[found] - place) < 50  # a column of 50 samples
    few = np.arange(5.0)
    assert thinned(few, few) == (few, few)
