import json

import h5py
import numpy as np
import pytest
import xarray

from circuits import Circuit, load_netlist
from devices import AddDropRing
from photon_relax.spectra import compute_spectra

RING = "examples/circuits/add_drop_ring.pic.yml"


@pytest.fixture
def circuit(request):
    return Circuit(load_netlist(request.config.rootpath / RING))


def test_the_example_is_the_ring_of_the_devices(circuit):
    wavelength = np.linspace(1.54e-6, 1.56e-6, 500)
    told = []
    spectra = compute_spectra(circuit, wavelength, told.append)
    assert told == [256, 500]
    device = AddDropRing(
        length=62.8318e-6,
        input_self_coupling=np.sqrt(0.92),
        drop_self_coupling=np.sqrt(0.92),
        propagation_loss_db=250.0,
    )
    for port, response in (("through", device.through), ("drop", device.drop)):
        expected = 20 * np.log10(np.abs(response(wavelength=wavelength)))
        np.testing.assert_allclose(spectra.power_db(port, "in"), expected, atol=1e-8)


def test_the_file_tells_everything(circuit, tmp_path):
    spectra = compute_spectra(circuit, np.linspace(1.54e-6, 1.56e-6, 11))
    spectra.write(tmp_path / "spectrum.h5")
    with h5py.File(tmp_path / "spectrum.h5") as file:
        assert tuple(file["out"].asstr()[()]) == circuit.ports
        again = Circuit(load_netlist(json.loads(file.attrs["netlist"])))
    with xarray.open_dataset(tmp_path / "spectrum.h5", engine="h5netcdf") as data:
        found = data.scattering_real + 1j * data.scattering_imag
        assert found.dims == ("wavelength", "out", "in")
        np.testing.assert_array_equal(found, spectra.scattering)
        dropped = found.sel({"out": "drop", "in": "in"})
        np.testing.assert_array_equal(dropped, spectra.scattering[:, 3, 0])
        assert data.wavelength.units == "m"
        assert data.scattering_real.long_name == "field out per field in"
        wavelength = data.wavelength.values
    np.testing.assert_allclose(again.scattering(wavelength), spectra.scattering, atol=1e-14)


def test_the_picture_is_drawn(circuit, tmp_path):
    spectra = compute_spectra(circuit, np.linspace(1.54e-6, 1.56e-6, 50))
    spectra.draw(tmp_path / "spectrum.png", ["in", "add"])
    assert (tmp_path / "spectrum.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
