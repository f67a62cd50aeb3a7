"""Each registered component: its device's formulas, its slopes by differences, its energy."""

import inspect

import numpy as np
import pytest
from scipy.constants import c as speed_of_light

from circuits import CircuitError, Composition, Line, Memoryless
from circuits.component_lines import waveguide
from circuits.components import MODELS, Model, build_component
from devices import (
    AddDropRing,
    AllPassRing,
    Amplifier,
    DirectionalCoupler,
    Fiber,
    MachZehnder,
    PhaseShifter,
    Waveguide,
)
from tests.circuits.active_settings import ACTIVE
from tests.circuits.random_netlists import ALL, LOSSLESS
from validation.closed_forms.ring import fabry_perot_power

LIGHT = np.linspace(193.3e12, 193.5e12, 11)
CARRIER = speed_of_light / 1.55e-6

# Settings with every parameter away from the points where a slope vanishes or is infinite.
GENERAL = {
    "add_drop_ring": {
        "temperature_change": 3.0,
        "tuning": 2e10,
        "resonance_offset": 1e9,
        "propagation_loss_db": 2e3,
        "drop_self_coupling": 0.8,
    },
    "all_pass_ring": {"temperature_change": 3.0, "tuning": 2e10, "propagation_loss_db": 2e3},
    "amplifier": {"small_signal_gain_db": 7.0},
    "attenuator": {"loss_db": 1.3},
    "circulator": {"insertion_loss_db": 0.4, "isolation_db": 12.0},
    "directional_coupler": {"power_ratio": 0.3, "insertion_loss_db": 0.2},
    "coupler": {"error_angle": 0.1, "insertion_loss_db": 0.2},
    "fabry_perot": {"reflectivity": 0.6, "effective_index": 2.4, "length": 1e-4},
    "fiber": {"length": 0.1, "effective_index": 1.45},
    "isolator": {"insertion_loss_db": 0.4, "isolation_db": 12.0},
    "mach_zehnder": {
        "theta": 0.7,
        "phi": 0.3,
        "alpha": 0.05,
        "beta": -0.1,
        "arm_transmission": 0.9,
        "insertion_loss_db": 0.2,
    },
    "mirror": {"reflectivity": 0.3, "loss_db": 0.1},
    "phase_shifter": {"phase": 1.1, "insertion_loss_db": 0.23},
    "splitter": {"power_ratio": 0.3, "insertion_loss_db": 0.1},
    "terminator": {"reflectivity": 0.2, "phase": 0.4},
    "waveguide": {"length": 1e-3, "group_velocity_dispersion": 1e-24, "carrier_phase": 0.3},
} | ACTIVE


def built(name, **settings):
    return build_component("u", name, settings)


def test_all_names_are_held():
    assert set(GENERAL) | {"mmi1x2", "mmi2x2", "reflector", "ring_single", "ring_double"} | {
        "straight"
    } == set(MODELS) - {"s_parameters"}  # which is a file's


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, it) for name, given in GENERAL.items() for it in built(name, **given).parameters],
)
def test_slopes_by_differences(name, parameter):
    component = built(name, **GENERAL[name])
    slope = component.derivatives(LIGHT)[parameter]
    value, largest = component.parameters[parameter], np.max(np.abs(slope))
    # A step that moves S by 1e-5: truncation (1e-5)², rounding 1e-16/1e-5 and, where frequencies
    # of 2e14 Hz are subtracted, the rounding of those, 3e-2 Hz in steps of 1e7 Hz and more.
    step = 1e-5 / largest if largest else 1e-3
    step = min(step, abs(value) / 2 or step)  # stay on the allowed side of zero
    above, below = value + step, value - step
    upper, lower = (
        built(name, **(GENERAL[name] | {parameter: v})).scattering(LIGHT) for v in (above, below)
    )
    expected = (upper - lower) / (above - below)
    np.testing.assert_allclose(slope, expected, rtol=0, atol=1e-6 * largest + 1e-30)


@pytest.mark.parametrize("name", GENERAL)
def test_dispersion_by_differences(name):
    component = built(name, **GENERAL[name])
    slope = component.dispersion(LIGHT)
    step = 2.0 ** np.round(np.log2(1e-5 / max(np.max(np.abs(slope)), 1e-14)))
    upper, lower = (component.scattering(LIGHT + s) for s in (step, -step))
    expected = (upper - lower) / (2 * step)
    np.testing.assert_allclose(slope, expected, rtol=0, atol=1e-6 * np.max(np.abs(slope)))


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_parts_keep_the_power(name):
    component = built(name, **LOSSLESS[name](np.random.default_rng(3)))
    scattering = component.scattering(LIGHT)
    product = scattering.conj().swapaxes(1, 2) @ scattering
    # Products of a few unitary parts, some roundings each.
    np.testing.assert_allclose(product, [np.eye(len(component.ports))] * 11, atol=1e-13)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"circulator", "isolator"}))
def test_parts_without_a_direction_are_reciprocal(name):
    scattering = built(name, **ALL[name](np.random.default_rng(4))).scattering(LIGHT)
    np.testing.assert_allclose(scattering, scattering.swapaxes(1, 2), atol=1e-14)


# Against the devices


def test_coupler_is_the_device():
    device = DirectionalCoupler.from_power_ratio(0.3, insertion_loss_db=0.2)
    matrix = built("coupler", power_ratio=0.3, insertion_loss_db=0.2).scattering(LIGHT[:1])[0]
    np.testing.assert_allclose(matrix[2:, :2], device.transfer_matrix(), rtol=1e-14)
    np.testing.assert_array_equal(matrix[:2, :2], 0.0)


def test_mach_zehnder_is_the_device():
    device = MachZehnder(**GENERAL["mach_zehnder"])
    matrix = built("MachZehnder", **GENERAL["mach_zehnder"]).scattering(LIGHT[:1])[0]
    np.testing.assert_allclose(matrix[2:, :2], device.transfer_matrix(), rtol=1e-13)


def test_phase_shifter_is_the_device():
    device = PhaseShifter(**GENERAL["phase_shifter"])
    matrix = built("phase_shifter", **GENERAL["phase_shifter"]).scattering(LIGHT[:1])[0]
    np.testing.assert_allclose(matrix[1, 0], device.transfer(), rtol=1e-14)


@pytest.mark.parametrize(("name", "device"), [("waveguide", Waveguide), ("fiber", Fiber)])
def test_lines_are_the_devices(name, device):
    fields = {"length": 0.02, "group_velocity_dispersion": 1e-24, "carrier_phase": 0.4}
    through = built(name, **fields).scattering(LIGHT)[:, 1, 0]
    expected = device(**fields).frequency_response(LIGHT - CARRIER)
    # Phases of 2πΩτ ≈ 300 rad, rounded to 1e-16 of that.
    np.testing.assert_allclose(through, expected, rtol=1e-12)


def test_index_gives_the_phase():
    guide = waveguide(length=1e-3, effective_index=2.4, wavelength=1.5e-6, propagation_loss_db=0.0)
    light = np.array([speed_of_light / 1.5e-6])
    expected = np.exp(2j * np.pi * 2.4 * 1e-3 / 1.5e-6)
    np.testing.assert_allclose(guide.transfer(light), [expected], rtol=1e-11)


def test_rings_are_the_devices():
    fields = GENERAL["all_pass_ring"]
    through = built("all_pass_ring", **fields).scattering(LIGHT)[:, 1, 0]
    np.testing.assert_allclose(through, AllPassRing(**fields).through(LIGHT), rtol=1e-12)
    fields = GENERAL["add_drop_ring"]
    scattering, device = built("add_drop_ring", **fields).scattering(LIGHT), AddDropRing(**fields)
    np.testing.assert_allclose(scattering[:, 1, 0], device.through(LIGHT), rtol=1e-12)
    np.testing.assert_allclose(scattering[:, 3, 0], device.drop(LIGHT), rtol=1e-12)


def test_fabry_perot_is_airys():
    cavity = built("fabry_perot", length=1e-4, reflectivity=0.7, propagation_loss_db=0.0)
    phase = 2 * 2 * np.pi * (LIGHT - CARRIER) * Waveguide(length=1e-4).delay
    power = np.abs(cavity.scattering(LIGHT)[:, 1, 0]) ** 2
    # A mirror passes i t: the round trip has r², so the peaks lie where the guide's phase is 2πm.
    np.testing.assert_allclose(power, fabry_perot_power(phase, 0.7), rtol=1e-12)


def test_amplifiers_gain_and_direction():
    both = built("amplifier", small_signal_gain_db=10.0, linewidth_enhancement=4.0)
    expected = np.sqrt(10) * np.exp(-2j * np.log(10))
    np.testing.assert_allclose(both.scattering(LIGHT[:1])[0, [0, 1], [1, 0]], expected, rtol=1e-14)
    gain = np.abs(both.scattering(LIGHT[:1])[0, 1, 0]) ** 2
    assert gain == pytest.approx(Amplifier(small_signal_gain_db=10.0).small_signal_gain)
    one_way = built("amplifier", kind="edfa", small_signal_gain_db=10.0).scattering(LIGHT[:1])[0]
    np.testing.assert_allclose(one_way, [[0, 0], [np.sqrt(10), 0]], rtol=1e-14)


def test_one_way_parts():
    round_about = built("circulator", isolation_db=20.0).scattering(LIGHT[:1])[0]
    np.testing.assert_allclose(round_about, [[0, 0.1, 1], [1, 0, 0.1], [0.1, 1, 0]], rtol=1e-14)
    np.testing.assert_array_equal(built("isolator").scattering(LIGHT[:1])[0], [[0, 0], [1, 0]])


def test_splitter_parts_and_loses_backwards():
    matrix = built("mmi1x2", power_ratio=0.3).scattering(LIGHT[:1])[0]
    np.testing.assert_allclose(np.abs(matrix[:, 0]) ** 2, [0, 0.7, 0.3], rtol=1e-14)
    assert np.sum(np.abs(matrix[:, 1]) ** 2) == pytest.approx(0.7)


def test_mirror_is_unitary_with_a_quarter_turn():
    matrix = built("reflector", reflectivity=0.3).scattering(LIGHT[:1])[0]
    np.testing.assert_allclose(matrix[1, 0], 1j * np.sqrt(0.7), rtol=1e-14)


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize(
    ("name", "setting"),
    [("coupler", "power_ratio"), ("splitter", "power_ratio"), ("mirror", "reflectivity")],
)
def test_no_slope_where_the_field_has_none(name, setting, share):
    component = built(name, **{setting: share})
    assert setting not in component.parameters
    assert set(component.derivatives(LIGHT)) == set(component.parameters)


def test_what_each_remembers():
    passive = {name: given for name, given in GENERAL.items() if name not in ACTIVE}
    kinds = {name: type(built(name, **given)) for name, given in passive.items()}
    assert {name for name, kind in kinds.items() if kind is Line} == {"waveguide", "fiber"}
    compositions = {"all_pass_ring", "add_drop_ring", "fabry_perot"}
    assert {name for name, kind in kinds.items() if kind is Composition} == compositions
    assert set(kinds.values()) == {Line, Composition, Memoryless}


# Names and errors


@pytest.mark.parametrize(
    ("name", "model"), [it for it in MODELS.items() if it[0] != "s_parameters"]
)
def test_port_aliases_name_ports(name, model):
    component = built(name, **GENERAL.get(name, {}))
    assert set(model.port_aliases.values()) <= set(component.ports)
    optical = [alias for alias in model.port_aliases if alias.startswith("o")]
    numbered = [o for o in optical if o[1:].isdigit()]
    assert len(numbered) == component.domains.count("optical")


def test_every_setting_has_a_name():
    for model in MODELS.values():
        assert model.settings
        kinds = {it.kind for it in inspect.signature(model.build).parameters.values()}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


@pytest.mark.parametrize(
    ("name", "settings", "match"),
    [
        ("wavegiude", {}, r"instance 'u': there is no component 'wavegiude'. Near: 'waveguide'"),
        ("straight", {"lenght": 1.0}, r"instance 'u' \(straight\) has no setting 'lenght'. Near:"),
        ("straight", {"length": -1.0}, r"instance 'u' \(straight\): length must be ≥ 0"),
        ("straight", {"length": [1.0, 2.0]}, r"length must be one number .* shape \(2,\)"),
        (
            "straight",
            {"length": 10.0},
            r"length must be below 0.1 m .* For 10 µm write length=1e-05",
        ),
        ("coupler", {"power_ratio": 1.5}, r"ratio must be between 0 and 1"),
        ("coupler", {"power_ratio": 0.5, "error_angle": 0.1}, r"leave out one of them"),
        ("mirror", {"reflectivity": -0.1}, r"reflectivity must be between 0 and 1"),
        ("isolator", {"isolation_db": -1.0}, r"isolation_db must be ≥ 0 or inf"),
    ],
)
def test_errors_name_the_instance(name, settings, match):
    with pytest.raises(CircuitError, match=match):
        built(name, **settings)


def test_a_models_own_function_may_take_any_setting():
    def any_setting(**settings):
        return Memoryless(("in0",), np.full((1, 1), settings["depth"] + 0j))

    models = {"mine": Model(any_setting)}
    part = build_component("u", "mine", {"depth": 0.5}, models)
    np.testing.assert_array_equal(part.scattering(LIGHT[:1]), [[[0.5]]])


def test_a_circulator_loses_nothing():
    matrix = built("circulator").scattering(LIGHT[:1])[0]
    np.testing.assert_array_equal(matrix.conj().T @ matrix, np.eye(3))
