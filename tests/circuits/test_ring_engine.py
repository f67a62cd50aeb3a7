"""Loops whose rings remember: closed forms, the settled limit, gradients, chunks."""

import numpy as np
import pytest
import torch

from circuits import RingWeightBank, ring_engine, time_multiplexed_loop
from devices import FiberSwitch, Photodetector, RingDynamics
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet


def network(slot_duration, n=4, **changes):
    """A ring network in waveform with slots of a few photon lifetimes, about 40 ps."""
    hardware = Hardware(
        slot_duration=slot_duration,
        samples_per_slot=5,
        switch=FiberSwitch(isolation_db=9.0, time_constant=2e-11, transient="gate"),
        detector=Photodetector(bandwidth=4e9),
        seed=3,
        **changes,
    )
    settings = {"weight_sets": 2, "repetitions": 3, "bank": "ring", "fidelity": "waveform"}
    settings |= {"slot_gain": True, "skip": 0.2, "normalise": 0.9}
    return ReLaXNet(3, n, 2, hardware=hardware, nonlinearity="sigmoid", **settings).double()


def states(batch, n=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 0.2 + 0.6 * torch.rand(batch, n, generator=generator, dtype=torch.float64)


def test_only_slots_of_few_lifetimes_remember():
    lifetime = 1 / float(RingDynamics(ring=RingWeightBank().ring).decay_rate)
    assert network(9.9 * lifetime).loop.remembers
    assert not network(10.1 * lifetime).loop.remembers
    assert not network(5 * lifetime).at("slot").loop.remembers
    assert ReLaXNet(3, 4, 2, machine="intensity", fidelity="waveform").loop.remembers is False


def test_a_slow_detector_reads_how_rings_fill():
    # 25 lifetimes a slot: a detector of 1 GHz has forgotten the beginning, one of 0.1 GHz has not.
    fast, slow = (
        network(1e-9).at("waveform", network(1e-9).hardware.with_values({"detector.bandwidth": f}))
        for f in (1e9, 0.1e9)
    )
    assert not fast.loop.remembers
    assert slow.loop.remembers


def test_one_ring_fills_as_its_photon_lifetime_says():
    # One ring on resonance from the dark, read at the very end of the slot (infinite bandwidth):
    # b = 1 − e^{−T/τ} of what it settles to, drop = d₀ b and through = r + (t₀ − r) b.
    instant = FiberSwitch(
        isolation_db=np.inf, insertion_loss_db=0.0, time_constant=0.0, transient="gate"
    )
    for lifetimes in (0.3, 1.0, 4.0):
        rings = RingWeightBank(tuning_error=0.0, crosstalk=False)
        tau = 1 / float(RingDynamics(ring=rings.ring).decay_rate)
        hardware = Hardware.perfect(
            slot_duration=lifetimes * tau, samples_per_slot=7, switch=instant, rings=rings
        )
        net = ReLaXNet(
            1, 1, 1, weight_sets=1, repetitions=1, bank="ring", fidelity="waveform",
            hardware=hardware, nonlinearity="sigmoid",
        ).double()  # fmt: skip
        with torch.no_grad():
            net.bank.detuning.zero_()
            net.bank.log_gain.zero_()
            net.bias.zero_()
        state = torch.tensor([[0.5]], dtype=torch.float64)
        z = torch.logit(net.hidden(state)).item()
        r = float(rings.ring.input_self_coupling)
        drop, through = rings.ring.drop_at_phase(0.0), rings.ring.through_at_phase(0.0).real
        b = 1 - np.exp(-lifetimes)
        # The smoothing of √p: A² = p²/(p + 1e-6), 2e-6 of what is stored.
        expected = 0.5 * (abs(drop * b) ** 2 - (r + (through - r) * b) ** 2)
        assert z == pytest.approx(expected, abs=5e-6)


@pytest.mark.parametrize("noise", [False, True])
def test_settled_rings_are_the_static_bank(noise, monkeypatch):
    # 25 lifetimes, the detector reads the last of them: e^{−25} = 1e-11 of the light is missing.
    net = network(1e-9, noise=noise).eval()
    instant = net.hardware.with_values({"switch.time_constant": 0.0})
    outcomes = []
    monkeypatch.setattr(time_multiplexed_loop, "_UNSETTLED", 1.0)
    for lifetimes in (0.0, 1e3):
        monkeypatch.setattr(time_multiplexed_loop, "_SETTLED", lifetimes)
        twin = net.at("waveform", instant)
        assert twin.loop.remembers is (lifetimes > 0)
        outcomes.append(twin.hidden(states(5)))
    torch.testing.assert_close(*outcomes, rtol=0, atol=1e-9)


def test_gradcheck_with_noise_and_interleaving():
    net = network(1e-10, n=3, interleaved_inferences=2)
    net = net.at("waveform", net.hardware.with_values({"laser.power": 1.0}))
    assert net.loop.remembers
    assert net.loop.noise
    state = states(3, 3).requires_grad_()
    inputs = (state, net.bank.detuning, net.bank.log_gain, net.bias, net.slot_gain)
    assert torch.autograd.gradcheck(lambda state, *_: net.hidden(state), inputs)


def test_chunks_change_nothing(monkeypatch):
    net = network(1e-10, interleaved_inferences=2)
    state = states(7).requires_grad_()
    outcomes = []
    for size in (2**28, 1):
        monkeypatch.setattr(ring_engine, "_CHUNK_BYTES", size)
        net.zero_grad()
        state.grad = None
        layers = {}
        final = net.hidden(state, gradients=layers)
        final.square().sum().backward()
        assert torch.equal(layers[0], state.grad)
        trained = (net.bank.detuning, net.bias, net.slot_gain)
        outcomes.append((final.detach(), state.grad, layers[2], *(p.grad.clone() for p in trained)))
    for one, other in zip(*outcomes, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_single_precision_follows_double():
    net = network(1e-10)
    double = net.hidden(states(5))
    single = net.float().hidden(states(5).float())
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), double, rtol=0, atol=5e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"engine": "step"},
        {"drive": "waveform"},
        {"detector.saturation_power": 1e-3},
    ],
)
def test_what_rings_that_remember_cannot_do_is_refused(changes):
    net = network(1e-10)
    with pytest.raises(ValueError, match="need a held drive"):
        net.at("waveform", net.hardware.with_values(changes))


def test_stored_light_must_be_given():
    loop = network(1e-10).loop
    with pytest.raises(ValueError, match="need `stored`"):
        loop.forward(np.zeros((2, 4)), np.zeros((2, 2, 4, 4)), np.zeros((2, 4)), np.zeros(4))
