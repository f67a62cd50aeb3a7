import json

import h5py
import numpy as np
import pytest
import torch

from circuits import Circuit, load_netlist
from devices import AddDropRing
from photon_relax.functional import circuit_scattering
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
        # What netCDF readers look for: named dimensions in the order of the axes.
        data = file["scattering_real"]
        assert [dimension[0].name for dimension in data.dims] == ["/wavelength", "/out", "/in"]
        np.testing.assert_array_equal(data[()], spectra.scattering.real)
        np.testing.assert_array_equal(file["scattering_imag"][()], spectra.scattering.imag)
        assert tuple(file["out"].asstr()[()]) == circuit.ports
        again = Circuit(load_netlist(json.loads(file.attrs["netlist"])))
        wavelength = file["wavelength"][()]
    np.testing.assert_allclose(again.scattering(wavelength), spectra.scattering, atol=1e-14)


def test_the_picture_is_drawn(circuit, tmp_path):
    spectra = compute_spectra(circuit, np.linspace(1.54e-6, 1.56e-6, 50))
    spectra.draw(tmp_path / "spectrum.png", ["in", "add"])
    assert (tmp_path / "spectrum.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_gradcheck_of_scattering(circuit):
    names = ("below.power_ratio", "left.length", "right.propagation_loss_db")
    values = [torch.tensor(v, dtype=torch.float64) for v in (0.1, 1.0, 250.0)]
    # A length in units of 31.4159 µm: steps of 1e-6 of it, not of a metre.
    units = torch.tensor([1.0, 31.4159e-6, 1.0], dtype=torch.float64)
    frequency = 193.4e12 + np.linspace(-2e11, 2e11, 3)

    def response(*scaled):
        settings = {n: v * u for n, v, u in zip(names, scaled, units, strict=True)}
        return circuit_scattering(circuit, settings, frequency)

    assert torch.autograd.gradcheck(response, [v.requires_grad_() for v in values])


def test_settings_that_do_not_exist_are_refused(circuit):
    with pytest.raises(ValueError, match="no parameter 'lenght'"):
        circuit_scattering(circuit, {"left.lenght": torch.tensor(1e-5)}, np.array([193e12]))
    with pytest.raises(ValueError, match="INSTANCE.SETTING"):
        circuit_scattering(circuit, {"length": torch.tensor(1e-5)}, np.array([193e12]))
