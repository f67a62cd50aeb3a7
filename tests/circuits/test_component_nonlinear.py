"""Nonlinear parts at rest: what a solver in frequency sees of them, and what joins them."""

import numpy as np
import pytest

from circuits import Circuit, CircuitError, Composition
from circuits.component_nonlinear import FORMS, Nonlinear
from circuits.components import Model
from circuits.transient_op_kernels import Function, Op
from devices.electrical_nonlinearity import ElectricalNonlinearity
from tests.circuits.test_circuit import circuit, part

LIGHT = np.array([1.9e14, 2.0e14])
NUMBERS = {
    Op.SQUARE: [0.8, 10.0, 1e-8, 3.2e-19, 1e-22, 1e-10],
    Op.EXPONENTIAL: [0.3j, -0.2 + 0.5j],
    Op.PRODUCT: [0.9],
    Op.FUNCTION: [1.2, 0.7, 0.4, 3.0],
    Op.AMPLIFIER: [4.6, 100.0, 5.0, 2e-10, 5.0, 1.28e-19, 3.0],
    Op.SOURCE: [0.0, 1.0, 0.5],
}


def nonlinear(op, numbers=None, **options):
    numbers = np.asarray(NUMBERS[op] if numbers is None else numbers, dtype=complex)
    names = {f"n{i}": value.real for i, value in enumerate(numbers)}
    slopes = dict(zip(names, np.eye(len(numbers)), strict=True))
    return Nonlinear(op=op, numbers=numbers, parameters=names, slopes=slopes, **options)


def test_response_at_rest():
    gate = nonlinear(Op.EXPONENTIAL).at_rest
    assert gate[1, 0] == gate[0, 1] == pytest.approx(np.exp(-0.2 + 0.5j))
    assert np.count_nonzero(gate) == 2
    gain = nonlinear(Op.AMPLIFIER).at_rest
    assert gain[1, 0] == gain[0, 1] == pytest.approx(np.exp((1 - 5j) * 1.5))
    for op in (Op.SQUARE, Op.PRODUCT, Op.SOURCE):
        assert not nonlinear(op).scattering(LIGHT).any()
    assert not nonlinear(Op.AMPLIFIER).dispersion(LIGHT).any()


@pytest.mark.parametrize("op", list(Op))
def test_slopes_at_rest_are_differences(op):
    found = nonlinear(op).derivatives(LIGHT)
    for i in range(len(NUMBERS[op])):
        ends = []
        for sign in (1, -1):
            moved = np.array(NUMBERS[op], dtype=complex)
            moved[i] += sign * 1e-6
            ends.append(nonlinear(op, moved).scattering(LIGHT))
        # (1e-6)² of the third derivative and 1e-16/1e-6 of rounding.
        expected = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(found[f"n{i}"], expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("function", list(Function))
@pytest.mark.parametrize("offset", [-1.6, -0.4, 0.4, 1.6])
def test_small_signal_gain_of_a_function(function, offset):
    values = {
        Function.TANH: np.tanh,
        Function.SINE: np.sin,
        Function.SINE_SQUARED: lambda x: np.sin(x) ** 2,
        Function.MACKEY_GLASS: lambda x: x / (1 + abs(x) ** 3),
        Function.POWER: lambda x: max(x, 0.0) ** 3,
        Function.ARCSINE: lambda x: 2 / np.pi * np.arcsin(np.clip(x, -1, 1)),
    }
    if function in values:
        f = values[function]
    else:
        f = ElectricalNonlinearity(function=function.name.lower()).apply
    part_ = nonlinear(Op.FUNCTION, [1.2, 0.7, offset, 3.0], function=function)
    expected = 1.2 * 0.7 * (f(offset + 1e-6) - f(offset - 1e-6)) / 2e-6
    assert part_.at_rest[1, 0] == pytest.approx(expected, rel=1e-8, abs=1e-12)
    assert np.isfinite(list(part_.derivatives(LIGHT).values())).all()
    # By the offset, the second derivative.
    second = (part_of(function, offset + 1e-6) - part_of(function, offset - 1e-6)) / 2e-6
    assert part_.derivatives(LIGHT)["n2"][0, 1, 0] == pytest.approx(second, rel=1e-7, abs=1e-9)


def part_of(function, offset):
    return nonlinear(Op.FUNCTION, [1.2, 0.7, offset, 3.0], function=function).at_rest[1, 0]


def test_circuits_meet_parts_at_rest():
    gate = Model(lambda: nonlinear(Op.EXPONENTIAL))
    built = circuit(
        {"guide": part("waveguide", length=1e-4), "gate": part("gate")},
        {"guide,out0": "gate,in"},
        {"in": "guide,in0", "out": "gate,out", "drive": "gate,drive"},
        models={"gate": gate},
    )
    through = built.components["guide"].scattering(LIGHT)[:, 1, 0] * np.exp(-0.2 + 0.5j)
    np.testing.assert_allclose(built.scattering(frequency=LIGHT)[:, 1, 0], through, rtol=1e-12)
    cotangent = np.zeros((2, 3, 3), dtype=complex)
    cotangent[:, 1, 0] = 1.0
    found = built.gradients(cotangent, frequency=LIGHT)["gate"]
    assert found["n1"] == pytest.approx(np.sum(through).real)


def test_light_and_voltages_do_not_join():
    models = {op.name.lower(): Model(lambda op=op: nonlinear(op)) for op in (Op.SQUARE, Op.PRODUCT)}
    instances = {"diode": part("square"), "gate": part("product")}
    ports = {"in": "diode,in", "out": "gate,out"}
    assert isinstance(
        circuit(instances, {"diode,out": "gate,drive"}, ports, models=models), Circuit
    )
    with pytest.raises(
        CircuitError, match=r"'diode,out' and 'gate,in' joins an electrical port to an optical one"
    ):
        circuit(instances, {"diode,out": "gate,in"}, ports, models=models)


def test_light_and_voltages_do_not_join_inside_a_part():
    mixed = Composition(
        ports=("in", "out"),
        parts={"diode": nonlinear(Op.SQUARE), "gate": nonlinear(Op.PRODUCT)},
        connections=(("diode,out", "gate,in"),),
        exposed=("diode,in", "gate,out"),
    )
    assert mixed.domains == ("optical", "optical")
    with pytest.raises(ValueError, match="'diode,out' is electrical and 'gate,in' is optical"):
        mixed.scattering(LIGHT)


def test_domains_and_forms():
    assert nonlinear(Op.PRODUCT, domain="electrical").domains == ("electrical",) * 3
    assert nonlinear(Op.PRODUCT).domains == ("optical", "optical", "electrical")
    assert set(FORMS) == set(Op)


def test_refuses_numbers():
    with pytest.raises(ValueError, match=r"numbers of PRODUCT must be 1 \(see Op\); got .*\(2,\)"):
        nonlinear(Op.PRODUCT, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"numbers of SOURCE must be 2 or more"):
        nonlinear(Op.SOURCE, [1.0])
    with pytest.raises(ValueError, match="must be finite"):
        nonlinear(Op.PRODUCT, [np.nan])
    with pytest.raises(ValueError, match=r"slope of 'x' must have the shape \(1,\)"):
        Nonlinear(op=Op.PRODUCT, numbers=np.ones(1), slopes={"x": np.ones(2)})
    with pytest.raises(ValueError, match="slot must be > 0"):
        nonlinear(Op.SOURCE, slot=0.0)
