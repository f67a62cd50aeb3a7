import doctest

import numpy as np
import pytest
import torch
from scipy.constants import c as speed_of_light

from circuits import Circuit, load_netlist
from photon_relax.functional import circuit_scattering, circuit_transient, circuits

RING = "examples/circuits/add_drop_ring.pic.yml"
CARRIER = speed_of_light / 1.55e-6


@pytest.fixture
def circuit(request):
    return Circuit(load_netlist(request.config.rootpath / RING))


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


# In time

DT = 1e-13
"""The halves of the ring delay by 4.4 of it: fractional, and no kink within a difference's step."""

NAMES = ("below.power_ratio", "left.length", "right.propagation_loss_db", "left.carrier_phase")
UNITS = (1.0, 31.4159e-6, 250.0, 1.0)


def test_gradcheck_of_time(circuit):
    values = [torch.tensor(v, dtype=torch.float64) for v in (0.1, 1.0, 1.0, 0.3)]
    rng = np.random.default_rng(1)
    light = [torch.tensor(rng.normal(size=s) + 1j * rng.normal(size=s)) for s in ((2, 30), (30,))]
    real = torch.tensor(rng.normal(size=(2, 30)))  # a real envelope has a real gradient

    def leaving(first, second, third, *scaled):
        settings = {n: v * u for n, v, u in zip(NAMES, scaled, UNITS, strict=True)}
        seen = circuit_transient(
            circuit,
            {"in": first, "add": second, "through": third},
            settings=settings,
            outputs=["drop", "in"],
            probes=["left,out0", "below,out1"],
            dt=DT,
            frequency=CARRIER,
            order=3,
        )
        assert list(seen) == ["drop", "in", "left,out0", "below,out1"]
        return tuple(seen.values())

    given = [it.requires_grad_() for it in (*light, real, *values)]
    assert torch.autograd.gradcheck(leaving, given)


def test_time_in_torch_is_that_of_the_circuit(circuit):
    rng = np.random.default_rng(2)
    light = rng.normal(size=(3, 50)) + 1j * rng.normal(size=(3, 50))
    setting = {"left": {"carrier_phase": 0.2}}
    options = {"dt": DT, "frequency": CARRIER, "probes": ["left,out0"]}
    expected = circuit.with_parameters(setting).transient({"in": light}, **options)
    found = circuit_transient(
        circuit,
        {"in": torch.from_numpy(light)},
        settings={"left.carrier_phase": torch.tensor(0.2, dtype=torch.float64)},
        **options,
    )
    for name, trace in {**expected.outputs, **expected.probes}.items():
        np.testing.assert_array_equal(found[name].numpy(), trace)


def test_carriers_of_rows_share_what_enters(circuit):
    light = torch.ones(40, dtype=torch.complex128, requires_grad=True)
    carriers = [CARRIER, CARRIER + 1e12]
    options = {"dt": DT, "outputs": ["drop"]}
    together = circuit_transient(circuit, {"in": light}, frequency=carriers, **options)["drop"]
    (found,) = torch.autograd.grad(together.abs().square().sum(), light)
    expected = torch.zeros_like(light)
    for row, carrier in zip(together, carriers, strict=True):
        alone = circuit_transient(circuit, {"in": light}, frequency=carrier, **options)["drop"]
        np.testing.assert_array_equal(row.detach().numpy(), alone.detach().numpy())
        expected += torch.autograd.grad(alone.abs().square().sum(), light)[0]
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-12)


def test_single_precision_in_time(circuit):
    rng = np.random.default_rng(3)
    light = rng.normal(size=60) + 1j * rng.normal(size=60)
    gradients = []
    for kind in (torch.complex128, torch.complex64):
        given = torch.tensor(light, dtype=kind, requires_grad=True)
        ratio = torch.tensor(0.1, dtype=given.real.dtype, requires_grad=True)
        left = circuit_transient(
            circuit,
            {"in": given},
            settings={"below.power_ratio": ratio},
            dt=DT,
            frequency=CARRIER,
        )["drop"]
        assert left.dtype == kind
        left.abs().square().sum().backward()
        assert given.grad.dtype == kind
        assert ratio.grad.dtype == ratio.dtype
        gradients.append((left.detach(), given.grad, ratio.grad))
    for double, single in zip(*gradients, strict=True):
        # 24 bits over some ten round trips.
        np.testing.assert_allclose(single.numpy(), double.numpy(), rtol=1e-4, atol=1e-5)


def test_the_example_of_time_finds_critical_coupling():
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(circuits.circuit_transient, globs={})
    result = doctest.DocTestRunner(verbose=False).run(example)
    assert result.attempted >= 9
    assert result.failed == 0


def test_light_and_settings_in_time_are_checked(circuit):
    with pytest.raises(ValueError, match="inputs must name a port"):
        circuit_transient(circuit, {}, dt=DT, frequency=CARRIER)
    light = {"in": torch.ones(4)}
    with pytest.raises(ValueError, match="INSTANCE.SETTING"):
        circuit_transient(
            circuit, light, settings={"length": torch.tensor(1.0)}, dt=DT, frequency=CARRIER
        )
    with pytest.raises(ValueError, match="no port 'dropp'"):
        circuit_transient(circuit, light, outputs=["dropp"], dt=DT, frequency=CARRIER)


def test_a_dispersion_has_no_gradient_in_time(circuit):
    bend = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    light = {"in": torch.ones(9, dtype=torch.complex128)}
    settings = {"left.group_velocity_dispersion": bend}
    seen = circuit_transient(circuit, light, settings=settings, dt=1e-13, frequency=CARRIER)
    with pytest.raises(ValueError, match="left.group_velocity_dispersion has no gradient in time"):
        seen["drop"].abs().sum().backward()
