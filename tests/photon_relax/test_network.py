import numpy as np
import pytest
import torch

from circuits import MeshFabrication, RingWeightBank, program_processors
from circuits.mesh_programming import METHODS
from devices import AddDropRing, FiberSwitch, MachZehnder, Photodetector, Quantizer
from photon_relax.banks.mesh import _bar
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet

MACHINES = ["homodyne", "square_law", "intensity", "electrical"]
COMBINATIONS = [
    *(("dense", machine) for machine in MACHINES),
    ("mzi", "homodyne"),
    ("mzi", "square_law"),
    ("ring", "intensity"),
    ("crossbar", "electrical"),
]
LOSSY_RING = AddDropRing(propagation_loss_db=1e5)
F = {"intensity": lambda z: np.clip(z, 0.0, 1.0)}


def network(**settings):
    defaults = {"weight_sets": 2, "repetitions": 5, "hardware": Hardware.perfect()}
    return ReLaXNet(7, 6, 4, **(defaults | settings))


def batch(rows=9, seed=0, dtype=torch.float64):
    return torch.randn(rows, 7, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def results(net, x):
    """Logits, and the gradient of every parameter of a loss that weighs them unequally."""
    net.zero_grad()
    logits = net(x)
    (logits * torch.linspace(-1, 1, logits.numel(), dtype=x.dtype).view_as(logits)).sum().backward()
    return logits.detach(), {k: p.grad.clone() for k, p in net.named_parameters()}


@pytest.mark.parametrize(("bank", "machine"), COMBINATIONS)
def test_perfect_hardware_makes_all_fidelities_one(machine, bank):
    net = network(machine=machine, bank=bank).double()
    ideal, g_ideal = results(net, batch())
    for fidelity in ("slot", "waveform"):
        logits, gradients = results(net.at(fidelity), batch())
        # Rounding of 5 layers in another order of summation.
        torch.testing.assert_close(logits, ideal, rtol=0, atol=1e-13)
        for name, expected in g_ideal.items():
            torch.testing.assert_close(gradients[name], expected, rtol=0, atol=1e-12)


DEPTH = {"slot_gain": True, "skip": 0.3, "normalise": 0.7}


@pytest.mark.parametrize(("bank", "machine"), [*COMBINATIONS[:4], ("ring", "intensity")])
@pytest.mark.parametrize("interleaved", [1, 2])
def test_perfect_hardware_makes_all_fidelities_one_with_more_electronics(
    machine, bank, interleaved
):
    hardware = Hardware.perfect(interleaved_inferences=interleaved)
    net = network(machine=machine, bank=bank, hardware=hardware, **DEPTH).double()
    with torch.no_grad():
        net.slot_gain.copy_(torch.tensor([0.8, 1.3, 1.0, 0.9, 1.2]))
    seen = []
    for fidelity in ("ideal", "slot", "waveform"):
        twin, gradients = net.at(fidelity), {}
        state = twin.first_state(batch())
        logits = twin.output_layer(twin.hidden(state, gradients=gradients))
        net.zero_grad()
        logits.square().sum().backward()
        layers = torch.stack([gradients[t] for t in range(6)])
        seen.append([logits.detach(), layers, *(p.grad.clone() for p in net.parameters())])
    for other in seen[1:]:
        # Rounding of 5 layers in another order of summation.
        torch.testing.assert_close(other, seen[0], rtol=0, atol=1e-11)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_start_is_where_gain_control_and_bias_leave_signals_alone(machine):
    # What lies still at the start: half of full scale for powers, dark lanes for the others.
    net = network(machine=machine, normalise=0.9).double()
    still = torch.full((1, 6), 0.5 if machine == "intensity" else 0.0, dtype=torch.float64)
    with torch.no_grad():
        # Biases are set in single precision, and five layers of slope 1.4 enlarge its rounding.
        torch.testing.assert_close(net.hidden(still), still, rtol=0, atol=5e-6)


@pytest.mark.parametrize("electronics", [{}, DEPTH])
@pytest.mark.parametrize("machine", MACHINES)
def test_ideal_is_the_equation_of_the_paper_and_of_more_electronics(machine, electronics):
    net = network(machine=machine, **electronics).double()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    values = {k: p.detach().numpy() for k, p in net.named_parameters()}
    f = F.get(machine, np.tanh)
    h = f(batch().numpy() @ values["input_layer.weight"].T + values["input_layer.bias"])
    for t in range(5):
        w = values["bank.weight"][t % 2]
        y = h @ w[0].T
        if machine == "square_law":
            c = values["coherent_bias"][t % 2]
            y = np.abs(h @ (w[0] + 1j * w[1]).T + c[0] + 1j * c[1]) ** 2
        if not electronics:
            h = f(y + values["bias"][t % 2])
            continue
        y *= 0.7 / np.sqrt(np.mean(y * y, axis=1, keepdims=True) + 0.007**2)
        h = 0.7 * f(values["slot_gain"][t] * y + values["bias"][t % 2]) + 0.3 * h
    expected = h @ values["output_layer.weight"].T + values["output_layer.bias"]
    np.testing.assert_allclose(net(batch()).detach().numpy(), expected, atol=1e-14)


def test_banks_start_as_they_are_told():
    def start(**settings):
        return ReLaXNet(3, 40, 2, weight_sets=2, **settings).bank.weight.detach().double()[:, 0]

    eye = torch.eye(40, dtype=torch.float64)
    for skip, scale in ((0.0, 1.4), (0.6, 2.8)):  # times √((1 + s)/(1 − s)) = 2
        for w in start(skip=skip):
            torch.testing.assert_close(w @ w.T, scale**2 * eye, rtol=0, atol=3e-6)
    for w in start(start="identity", start_scale=0.9):
        torch.testing.assert_close(w, 0.9 * eye, rtol=0, atol=1e-7)
    normal = start(start="normal", start_scale=0.5)
    # 3200 draws of variance 0.25/40: its estimate is within 4σ = 4 √(2/3200).
    assert normal.square().mean().item() == pytest.approx(0.25 / 40, rel=4 * (2 / 3200) ** 0.5)
    assert not torch.equal(normal[0], normal[1])


@pytest.mark.parametrize("bank", ["dense", "mzi", "ring", "crossbar"])
def test_other_fidelities_share_the_parameters(bank):
    net = network(bank=bank)
    twin = net.at("waveform", Hardware(seed=3))
    assert [p.data_ptr() for p in net.parameters()] == [p.data_ptr() for p in twin.parameters()]
    x = batch(dtype=torch.float32)
    twin(x).sum().backward()
    # The output bias of every class gets one from each row.
    assert torch.all(net.output_layer.bias.grad == len(x))
    assert (net.fidelity, twin.fidelity, twin.hardware.seed) == ("ideal", "waveform", 3)


@pytest.mark.parametrize(("bank", "machine"), COMBINATIONS)
def test_evaluation_does_not_depend_on_its_chunks(bank, machine):
    net = (
        network(bank=bank, machine=machine, fidelity="waveform", hardware=Hardware())
        .double()
        .eval()
    )
    x = batch(10)
    whole = net(x)
    parts = torch.cat([net(x[i : i + 4], first_sample=i) for i in range(0, 10, 4)])
    torch.testing.assert_close(parts, whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fidelity", ["ideal", "slot", "waveform"])
@pytest.mark.parametrize(("bank", "machine"), COMBINATIONS)
def test_a_frozen_network_answers_the_same_from_banks_compiled_once(
    bank, machine, fidelity, monkeypatch
):
    net = network(bank=bank, machine=machine, fidelity=fidelity, hardware=Hardware()).double()
    x = batch()
    expected = net.eval()(x, first_sample=5)
    frozen = net.train().frozen()
    assert net.training
    monkeypatch.delattr(type(net.bank), "realise")
    monkeypatch.delattr(type(net.bank), "ideal")
    torch.testing.assert_close(frozen(x, first_sample=5), expected, rtol=0, atol=0)


def test_training_steps_have_fresh_noise_and_evaluations_the_same():
    quiet = Hardware()
    net = network(fidelity="slot", hardware=quiet).double().eval()
    x = batch()
    torch.testing.assert_close(net(x, step=4), net(x, step=4), rtol=0, atol=0)
    assert (net(x, step=4) - net(x, step=5)).abs().max() > 1e-8
    assert (net(x, step=0) - net(x)).abs().max() > 1e-8
    other = net.at("slot", quiet.with_values({"seed": 1}))
    assert (net(x) - other(x)).abs().max() > 1e-8


@pytest.mark.parametrize(
    ("machine", "key", "isolations"),
    [
        ("homodyne", "switch", (10.0, 20.0, 30.0)),
        ("square_law", "switch", (10.0, 20.0, 30.0)),
        ("intensity", "switch", (10.0, 20.0, 30.0)),
        # One switch, and dB of a current: half the effect of two ends or of powers.
        ("electrical", "current_switch", (10.0, 30.0, 50.0)),
    ],
)
def test_worse_hardware_is_farther_from_ideal(machine, key, isolations):
    net = network(machine=machine).double().eval()
    x = batch()
    distances = [
        (net.at("slot", Hardware.perfect().with_values({f"{key}.isolation_db": db}))(x) - net(x))
        .square()
        .mean()
        .sqrt()
        .item()
        for db in isolations
    ]
    assert distances[0] > 3 * distances[1] > 9 * distances[2] > 0


@pytest.mark.parametrize("machine", ["intensity", "electrical"])
def test_shared_gain_is_the_largest_element_where_elements_are_what_is_limited(machine):
    net = network(machine=machine)
    assert net.bank.gain(0).item() == net.bank.weight.abs().max().item()


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
def test_shared_gain_is_the_largest_singular_value(machine):
    net = network(machine=machine, repetitions=2)
    with torch.no_grad():
        net.bank.weight.copy_(torch.randn(net.bank.weight.shape))
    weight = net.bank.weight.detach().numpy()
    complex_weight = weight[:, 0] + (1j * weight[:, 1] if weight.shape[1] == 2 else 0)
    expected = max(np.linalg.svd(w, compute_uv=False)[0] for w in complex_weight)
    assert net.bank.eval().gain(0).item() == pytest.approx(expected, rel=1e-6)
    net.bank.train()
    estimates = [net.bank.gain(step).item() for step in range(60)]
    # A power iteration comes from below and goes on where the last step left off.
    assert net.bank.gain(59).item() == estimates[-1]
    assert max(estimates) <= expected * (1 + 1e-6)
    assert estimates[0] < estimates[-1] == pytest.approx(expected, rel=1e-3)


def test_attenuators_have_the_errors_of_their_interferometers():
    net = network(bank="mzi").double()
    errors = MeshFabrication(splitter_error=0.1, phase_error=0.2).draw(4, 6, 6, seed=2)
    theta = net.bank.attenuator.detach()
    amplitudes = _bar(theta, -theta / 2 - np.pi / 2, errors).numpy()
    for k in range(2):
        alpha, beta, theta_error, phi_error = errors.attenuators[2 * k + 1]
        programmed = theta[k].numpy()
        for lane in range(6):
            # θ and φ = −θ/2 − π/2 are programmed, the errors come on top.
            bar = MachZehnder(
                theta=programmed[lane] + theta_error[lane],
                phi=-programmed[lane] / 2 - np.pi / 2 + phi_error[lane],
                alpha=alpha[lane],
                beta=beta[lane],
            ).transfer_matrix()[0, 0]
            assert amplitudes[k, lane] == pytest.approx(bar, abs=1e-14)


def _meshes(phases=0.0, **mesh):
    """A network of meshes and its twin on a chip with the given tolerances."""
    net = network(bank="mzi", fidelity="slot").double()
    with torch.no_grad():
        # Phases as training leaves them: θ beyond 0 … π, attenuators that change the sign.
        net.bank.theta.add_(phases)
        net.bank.attenuator.sub_(phases)
    return net, net.at("slot", Hardware.perfect(mesh=MeshFabrication(column_loss_db=0.0, **mesh)))


def test_corrected_meshes_are_the_perfect_ones_up_to_the_floors():
    x = batch()
    net, chip = _meshes(phases=2.0, splitter_error=0.003, corrected=True)
    _, plain = _meshes(phases=2.0, splitter_error=0.003)
    left, lost = ((net(x) - other(x)).abs().max().item() for other in (chip, plain))
    # N² σ³ of a split at its floor against N½ σ of a chip as it comes (PHYSICS §2).
    assert left < 0.1 * lost
    assert net.bank.theta.max() > np.pi


def test_corrected_meshes_have_the_gradients_of_perfect_ones():
    x = batch()
    net, chip = _meshes(splitter_error=1e-7, corrected=True)
    gradients = []
    for twin in (net, chip):
        net.zero_grad()
        twin(x).square().sum().backward()
        gradients.append(net.bank.theta.grad.clone())
    # The matrices differ by what floors of 1e-7 leave.
    torch.testing.assert_close(gradients[1], gradients[0], rtol=0, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_bank_with_programmed_phases_is_what_was_programmed(method):
    fields = {"splitter_error": 0.02, "phase_error": 0.05, "thermal_crosstalk": 0.02}
    net, chip = _meshes(**fields, heater_bits=8)
    wanted = torch.complex(*net.bank.ideal(net.hardware).detach().unbind(1)).numpy()
    made = program_processors(wanted, chip.chip, method)
    with torch.no_grad():
        for name in ("theta", "phi", "screen", "attenuator"):
            getattr(net.bank, name).copy_(torch.from_numpy(getattr(made, name)))
        net.bank.log_gain.copy_(torch.tensor(made.gain, dtype=torch.float64).log())
        found = torch.complex(*net.bank.realise(chip.chip, 0)[0].unbind(1)).numpy()
    # The same sums in two orders.
    np.testing.assert_allclose(found, made.matrices, atol=1e-13)


@pytest.mark.parametrize("corrected", [False, True])
def test_heaters_that_warm_each_other_are_felt_unless_programmed_around(corrected):
    x = batch()
    _, plain = _meshes(splitter_error=0.003, corrected=corrected)
    fields = {"splitter_error": 0.003, "corrected": corrected, "thermal_crosstalk": 0.05}
    _, warm = _meshes(**fields, heater_spacing=50e-6)
    _, compensated = _meshes(**fields, heater_spacing=50e-6, compensated=True)
    assert (warm(x) - plain(x)).abs().max() > 1e-3
    # Rounding of a few turns.
    torch.testing.assert_close(compensated(x), plain(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("corrected", [False, True])
def test_heater_bits_round_phases_and_let_gradients_through(corrected):
    x = batch()
    net, fine = _meshes(splitter_error=0.0, heater_bits=24, corrected=corrected)
    _, coarse = _meshes(splitter_error=0.0, heater_bits=5, corrected=corrected)
    # A step of 2π/2^24 in each of some 50 phases; and of 2π/2^5.
    assert 1e-9 < (net(x) - fine(x)).abs().max() < 1e-5
    assert (net(x) - coarse(x)).abs().max() > 1e-2
    gradients = []
    for twin in (net, fine):
        net.zero_grad()
        twin(x).square().sum().backward()
        gradients.append([p.grad.clone() for p in net.bank.parameters()])
    for through, smooth in zip(*gradients, strict=True):
        torch.testing.assert_close(through, smooth, rtol=0, atol=1e-5)


def test_what_no_correction_knows_stays():
    x = batch()
    net, chip = _meshes(phase_error=0.05, corrected=True)
    assert (net(x) - chip(x)).abs().max() > 1e-3


@pytest.mark.parametrize("bank", ["dense", "ring"])
def test_powers_start_around_one_half(bank):
    # With what the neighbours of the rings drop: W ½ + b = ½ in every layer.
    hardware = Hardware.perfect(rings=RingWeightBank(tuning_error=0.0))
    net = network(bank=bank, machine="intensity", fidelity="slot", hardware=hardware)
    half = torch.full((2, 6), 0.5)
    # Single precision of a few sums of six.
    torch.testing.assert_close(net.hidden(half), half, rtol=0, atol=5e-6)


def test_converters_and_noise_reach_the_network():
    x = batch()
    net = network(fidelity="slot").double()
    converted = net.at("slot", Hardware.perfect(dac=Quantizer(bits=2)))
    # Two bits put h on ±0.25, ±0.75: an error of up to a quarter.
    assert (net(x) - converted(x)).abs().max() > 0.01
    noisy = net.at(
        "slot",
        Hardware.perfect(noise=True, detector=Photodetector(), local_oscillator_power=1e-9),
    )
    assert (net(x) - noisy(x)).abs().max() > 0.01


def test_slow_switches_only_matter_in_waveform():
    slow = Hardware.perfect(
        switch=FiberSwitch(isolation_db=np.inf, insertion_loss_db=0.0, time_constant=2e-9)
    )
    net = network(fidelity="slot", hardware=slow).double()
    x = batch()
    torch.testing.assert_close(net(x), net.at("ideal")(x), rtol=0, atol=1e-13)
    assert (net.at("waveform")(x) - net(x)).abs().max() > 0.01


def test_characters_are_embedded():
    net = ReLaXNet(3, 5, 4, vocabulary=11, embedding_size=2)
    assert net(torch.tensor([[0, 10, 3], [1, 1, 1]])).shape == (2, 4)
    assert net.parameter_report()["embedding"] == 22


def test_parameters_are_reported_by_part():
    report = network(machine="square_law").parameter_report()
    # Two complex 6×6 banks with a real bias and a complex one each.
    assert report == {
        "hidden": 2 * (2 * 36 + 6 + 2 * 6), "input": 7 * 6 + 6, "output": 6 * 4 + 4, "embedding": 0
    }  # fmt: skip
    assert sum(report.values()) == sum(
        p.numel() for p in network(machine="square_law").parameters()
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"weight_sets": 6, "repetitions": 5}, "weight_sets must be ≤ repetitions"),
        ({"bank": "lens"}, "bank must be one of dense, mzi, ring, crossbar; got 'lens'"),
        ({"bank": "ring", "machine": "homodyne"}, "machine must be intensity for the bank 'ring'"),
        ({"bank": "mzi", "machine": "electrical"}, "machine must be homodyne or square_law for"),
        ({"machine": "intensity", "nonlinearity": "tanh", "fidelity": "slot"}, r"range \[0, 1\]"),
        (
            {
                "machine": "intensity",
                "fidelity": "slot",
                "hardware": Hardware(output_switch=FiberSwitch()),
            },
            "output_switch must be left out for the intensity machine",
        ),
        (
            {"bank": "ring", "hardware": Hardware(rings=RingWeightBank(ring=LOSSY_RING))},
            "the ring must reach weights of both signs",
        ),
        ({"machine": "optical"}, "machine must be one of homodyne, square_law"),
        ({"fidelity": "real"}, "fidelity must be one of ideal, slot, waveform"),
        ({"nonlinearity": "step"}, "function must be one of"),
        ({"start": "zero"}, "start must be one of orthogonal, normal, identity; got 'zero'"),
        ({"start_scale": 0.0}, "start_scale must be > 0 and finite; got 0.0"),
        ({"skip": 1.0}, "skip must be a share from 0"),
        ({"normalise": -1.0}, "normalise, the level of the gain control, must be finite and ≥ 0"),
        ({"fidelity": "slot", "nonlinearity": "relu"}, "use fidelity 'ideal'"),
    ],
)
def test_impossible_networks_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        network(**settings)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="n_hidden must be at least 1"):
        ReLaXNet(3, 0, 2)
    with pytest.raises(ValueError, match="must be at least 2 for the bank 'mzi'"):
        ReLaXNet(3, 1, 2, bank="mzi")
    with pytest.raises(ValueError, match=r"x must have shape \(batch, 7\); got \(2, 6\)"):
        network()(torch.zeros(2, 6))


def test_unbounded_nonlinearities_are_ideal_only():
    net = network(nonlinearity="relu")
    assert net(batch(dtype=torch.float32)).shape == (9, 4)
    with pytest.raises(ValueError, match="stays within"):
        net.at("slot")


@pytest.mark.parametrize(
    ("bank", "machine"),
    [("dense", "homodyne"), ("mzi", "square_law"), ("ring", None), ("crossbar", None)],
)
def test_a_trace_ends_where_the_network_does(bank, machine):
    quiet = Hardware().with_values({"noise": False})
    net = ReLaXNet(
        5, 4, 3, weight_sets=2, repetitions=3, bank=bank, machine=machine,
        fidelity="waveform", hardware=quiet, **DEPTH,
    )  # fmt: skip
    x = torch.rand(1, 5)
    trace = net.trace(x, [3, 1])
    with torch.no_grad():
        final = net.hidden(net.first_state(x))[0, [3, 1]]
    # The network computes in single precision.
    np.testing.assert_allclose(trace.state[-1], final, atol=1e-5)
    assert trace.photocurrent.shape == (3 * quiet.samples_per_slot, 2)
    assert 1e-9 < np.max(np.abs(trace.photocurrent)) < 1e-2
    with pytest.raises(ValueError, match="fidelity ideal has no waveforms"):
        net.at("ideal").trace(x, [0])


def test_fresh_chips_are_those_of_training_steps_and_only_there():
    hardware = Hardware.perfect(mesh=MeshFabrication(splitter_error=0.1))
    network = ReLaXNet(3, 6, 2, weight_sets=2, bank="mzi", fidelity="slot", hardware=hardware)
    x = torch.rand(4, 3, generator=torch.Generator().manual_seed(2))
    fixed = network(x)
    torch.testing.assert_close(network(x, step=7), fixed)
    network.fresh_chips = True
    first, again, other = (network(x, step=step) for step in (7, 7, 8))
    torch.testing.assert_close(first, again)
    torch.testing.assert_close(network(x), fixed)
    assert (first - fixed).abs().max() > 1e-3
    assert (first - other).abs().max() > 1e-3
    # At another place it is of one chip again.
    torch.testing.assert_close(network.at("slot")(x, step=7), fixed)
