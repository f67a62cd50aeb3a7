import pytest

from photon_relax.reports.parameter_names import axis_label, place, short_name, value_text


@pytest.mark.parametrize(
    ("name", "value", "label", "text"),
    [
        ("hardware.switch.isolation_db", 25.0, "switch.isolation_db / dB", "25 dB"),
        ("hardware.detector.bandwidth", 3e8, "detector.bandwidth / Hz", "300 MHz"),
        ("hardware.switch.load_time", 3e-5, "switch.load_time / s", "30 µs"),  # a MirrorArray's
        ("hardware.rings.ring.length", 6.28e-5, "rings.ring.length / m", "62.8 µm"),
        ("hardware.crossbar.junction.junctions", 7, "crossbar.junction.junctions", "7"),
        ("hardware.detector.shot_noise", True, "detector.shot_noise", "True"),
        ("hardware.what.is_it", 2.0, "what.is_it", "2"),
        ("weight_sets", 4, "weight_sets", "4"),
        ("bank", "mzi", "bank", "mzi"),
        ("x", 0.1234567, "x", "0.1235"),
        ("hardware.switch.isolation_db", float("inf"), "switch.isolation_db / dB", "inf dB"),
    ],
)
def test_hardware_has_its_unit(name, value, label, text):
    assert axis_label(name) == label
    assert value_text(name, value) == text


def test_a_place_lists_its_parameters():
    assert short_name("hardware.laser.power") == "laser.power"
    assert place({"hardware.laser.power": 0.1, "width": 8}) == "laser.power = 100 mW, width = 8"
