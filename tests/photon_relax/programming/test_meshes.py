import numpy as np
import pytest
import torch

from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.programming.meshes import MeshTechnique, random_mesh_error


def _network(**arguments):
    network = ReLaXNet(4, 6, 3, weight_sets=2, repetitions=3, **arguments)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return network


def _hardware(**values):
    return Hardware.perfect().with_values({f"mesh.{name}": v for name, v in values.items()})


def _on_chip(technique, stage, hardware):
    programmed = technique.program(stage, hardware)
    network = programmed.network.at("slot", programmed.hardware)
    return network, technique.record(network, programmed)


@pytest.mark.parametrize(
    "trained",
    [
        {"bank": "dense"},
        {"bank": "dense", "machine": "square_law"},
        {"bank": "mzi"},
        {"bank": "mzi", "machine": "square_law"},
        {"bank": "mzi", "fidelity": "slot", "hardware": _hardware(splitter_error=0.3)},
    ],
    ids=["dense", "dense-square-law", "mzi", "mzi-square-law", "mzi-of-a-chip"],
)
def test_what_is_within_the_floors_is_corrected_exactly(trained):
    # The smallest θ here is far above 2|α + β|, so that the errors leave nothing.
    network = _network(**trained)
    technique = MeshTechnique(network, _hardware())
    x = torch.rand(7, 4, generator=torch.Generator().manual_seed(1))
    wanted = network(x)
    hardware = _hardware(splitter_error=1e-3, thermal_crosstalk=0.02)
    _, before = _on_chip(technique, "naive", hardware)
    corrected, after = _on_chip(technique, "corrected", hardware)
    # Settings are of single precision.
    torch.testing.assert_close(corrected(x), wanted, atol=3e-5, rtol=0)
    assert max(bank.error for bank in after) < 1e-5
    assert min(bank.error for bank in before) > 3e-3
    assert min(bank.fidelity for bank in after) > 1 - 1e-9


def test_the_errors_of_naive_meshes_are_those_of_their_splitters():
    technique = MeshTechnique(_network(bank="dense"), _hardware())
    squares, sigma = [], 0.01
    for seed in range(40):
        hardware = _hardware(splitter_error=sigma).with_values({"seed": seed})
        squares += np.square(technique.program("naive", hardware).mesh_errors).ravel().tolist()
    expected = random_mesh_error("naive", 6, sigma)
    assert expected == sigma * np.sqrt(10)
    # 160 meshes, whose squares scatter by a third.
    assert np.sqrt(np.mean(squares)) == pytest.approx(expected, rel=0.06)
    assert random_mesh_error("corrected", 6, sigma) == np.sqrt(2 / 3) * 6 * sigma**2
    assert random_mesh_error("fine-tuned", 6, sigma) is None


def test_every_heater_is_listed_with_its_power():
    technique = MeshTechnique(_network(bank="mzi"), _hardware())
    network, records = _on_chip(technique, "naive", _hardware(splitter_error=0.01))
    # Two meshes of 15 interferometers and 6 outputs, and 6 attenuators.
    assert [record.heaters for record in records] == [2 * (2 * 15 + 6) + 6] * 2
    for elements in records[0].elements:
        there = np.isfinite(elements.values)
        np.testing.assert_array_equal(np.isfinite(elements.power), there)
        # Alone, a heater takes P_π for a phase of π.
        expected = 24.77e-3 / np.pi * elements.values[there]
        np.testing.assert_allclose(elements.power[there], expected, atol=1e-7)
    [theta] = [
        e.values for e in records[1].elements if (e.mesh, e.element) == ("left", "theta")
    ]  # fmt: skip
    there = np.isfinite(theta)
    set_to = np.mod(network.bank.theta[1, 0].detach().double().numpy(), 2 * np.pi)
    np.testing.assert_allclose(theta[there], set_to[there], atol=1e-6)


def test_the_machine_without_errors_of_its_banks_keeps_its_losses():
    hardware = Hardware().with_values({"mesh.phase_error": 0.1, "mesh.thermal_crosstalk": 0.02})
    technique = MeshTechnique(_network(bank="mzi"), hardware)
    mesh = technique.without_errors(hardware).mesh
    assert mesh.exact
    assert mesh.column_loss_db == hardware.mesh.column_loss_db


def test_signal_lost_to_the_gain():
    network = _network(bank="dense")
    with torch.no_grad():
        network.bank.weight.copy_(
            torch.diag_embed(torch.tensor([[2.0, 1, 1, 1, 1, 1]] * 2))[:, None]
        )
    technique = MeshTechnique(network, _hardware())
    # g = 2 where a unitary bank of that norm needs √(9/6).
    expected = 20 * np.log10(2 / np.sqrt(1.5))
    assert technique.snr_lost_db(technique.perfect) == pytest.approx(expected, abs=1e-5)
