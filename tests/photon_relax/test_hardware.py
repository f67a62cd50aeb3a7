from dataclasses import replace

import numpy as np
import pytest

from circuits import CrossbarBank, MeshFabrication, RingWeightBank
from devices import (
    AddDropRing,
    CurrentSwitch,
    FiberSwitch,
    MirrorArray,
    Photodetector,
    Quantizer,
    TunnelJunctionCrossbar,
)
from devices.library import entries
from photon_relax.hardware import Hardware


@pytest.mark.parametrize(
    "hardware",
    [
        Hardware(),
        Hardware.perfect(),
        Hardware(
            switch=FiberSwitch(isolation_db=[[0.0, 20.0], [30.0, 0.0]], transient="gate"),
            output_switch=FiberSwitch(isolation_db=np.inf),
            adc=Quantizer(bits=6, full_scale=4.0),
            order=(1, 0, 1),
            noise=False,
            mesh=MeshFabrication(splitter_error=0.02, heater_bits=np.int64(10), compensated=True),
        ),
        Hardware(
            switch=MirrorArray(isolation_db=30.0),
            current_switch=CurrentSwitch(injected_charge=-1e-15),
            rings=RingWeightBank(ring=AddDropRing(propagation_loss_db=100.0), crosstalk=False),
            crossbar=CrossbarBank(junction=TunnelJunctionCrossbar(junctions=3)),
        ),
        Hardware(
            seed=np.int64(3),
            order=tuple(np.arange(2)),
            rings=RingWeightBank(heater_bits=np.int64(8), crosstalk=np.bool_(False)),
            crossbar=CrossbarBank(junction=TunnelJunctionCrossbar(junctions=np.int64(3))),
        ),
    ],
    ids=["default", "perfect", "everything", "banks and mirrors", "numbers of numpy"],
)
def test_toml_gives_back_an_equal_value(hardware, tmp_path):
    path = tmp_path / "hardware.toml"
    path.write_text(hardware.to_toml(), encoding="utf-8")
    assert Hardware.from_toml(path) == hardware


def test_toml_keys_are_optional_and_integers_are_numbers():
    hardware = Hardware.from_toml_text("seed = 4\n[switch]\nisolation_db = 30\n")
    assert hardware.seed == 4
    assert hardware.switch.isolation_db == 30.0
    assert hardware.detector == Photodetector()


def test_single_values_change_by_dotted_name():
    hardware = Hardware().with_values(
        {"switch.isolation_db": 10, "output_switch.isolation_db": 40.0, "noise": False}
    )
    assert hardware.switch.isolation_db == 10.0
    # A device that is left out starts as the one it stands in for.
    assert hardware.output_switch == FiberSwitch(isolation_db=40.0)
    assert hardware.with_values({"adc.bits": 5}).adc == Quantizer(bits=5)
    assert not hardware.noise
    assert Hardware().switch.isolation_db == 25.0


def test_devices_inside_of_banks_change_by_dotted_name():
    hardware = Hardware().with_values(
        {"rings.ring.propagation_loss_db": 100.0, "rings.crosstalk": False}
    )
    assert hardware.rings.ring.propagation_loss_db == 100.0
    assert not hardware.rings.crosstalk
    # What is not named stays.
    assert hardware.rings.ring.length == Hardware().rings.ring.length


@pytest.mark.parametrize("entry", entries("switch"), ids=lambda entry: entry.name)
def test_every_switch_of_the_library_fits_the_hardware(entry):
    device = entry.build("switch")
    key = "current_switch" if isinstance(device, CurrentSwitch) else "switch"
    hardware = Hardware().with_values({f"{key}.library": entry.name})
    assert getattr(hardware, key) == device
    again = Hardware.from_toml_text(f'[{key}]\nlibrary = "{entry.name}"\nguard_time = 1e-10')
    assert getattr(again, key) == replace(device, guard_time=1e-10)


def test_the_class_of_a_switch_is_chosen_by_name():
    hardware = Hardware().with_values({"switch.class": "MirrorArray", "switch.guard_time": 1e-10})
    assert hardware.switch == MirrorArray(guard_time=1e-10)
    # The same class again keeps what was changed.
    assert hardware.with_values({"switch.class": "MirrorArray"}) == hardware
    assert hardware.with_values({"switch.class": "FiberSwitch"}).switch == FiberSwitch()


def test_weights_of_the_library_fit_the_hardware():
    hardware = Hardware().with_values(
        {"rings.ring.library": "micro-ring-bank", "crossbar.junction.library": "mtj-crossbar"}
    )
    assert hardware.crossbar.junction.conductance_spread == 0.05


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swich = 1", r"unknown hardware key swich\. Did you mean switch\?"),
        ("[switch]\nisolation = 3", r"unknown hardware key switch\.isolation\. .*isolation_db"),
        ("[switch]\nisolation_db = -20", r"\[switch\] isolation_db must be .*isolation_db=20"),
        ("[mesh]\ncolumn_loss_db = -1", r"\[mesh\] column_loss_db must be .*column_loss_db=1"),
        ("[mesh]\nsplitter_error = 'big'", r"\[mesh\] splitter_error must be a number"),
        ("switch = 3", r"switch is a device: write a table \[switch\]"),
        ("[switch]\nclass = 'Relay'", r"\[switch\] class must be FiberSwitch or MirrorArray; got"),
        ("[switch]\nlibrary = 'cmos-current'", r"\[switch\] takes a FiberSwitch or MirrorArray"),
        ("[switch]\nlibrary = 'dms'", "Did you mean dmd"),
        ("[rings]\nlibrary = 'micro-ring-bank'", r"holds none\. Write \[rings\.ring\]\."),
        ("[switch]\ninsertion_loss_db = 'none'", r"\[switch\] insertion_loss_db must be"),
        ("[rings.ring]\nlength = -1", r"\[rings\.ring\] length must be"),
        ("[rings.ring]\nradius = 1", r"unknown hardware key rings\.ring\.radius"),
        ("[rings]\nring = 1", r"rings\.ring is a device: write a table \[rings\.ring\]"),
        ("seed = 1.5", "seed must be a whole number"),
        ("seed = -1", "seed must be a whole number ≥ 0"),
        ("seed = 9223372036854775808", "seed must be below 2"),
        ("[switch]\ninsertion_loss_db = [1.0, 2.0]", "must be one number in a loop"),
        ("[adc]\nbits = [6, 8]", "bits must be one number in a loop"),
        ("samples_per_slot = 0", "samples_per_slot must be a whole number ≥ 1"),
        ("slot_duration = 'long'", "slot_duration must be a number"),
        ("slot_duration = 0", "slot_duration must be > 0"),
        ("noise = 1", "noise must be true or false"),
        ("drive = 'fed'", "drive must be one of held, waveform"),
        ("[detector]\nbandwidth = inf", "infinite bandwidth"),
        ("slot_duration = 1e-10\n[switch]\nguard_time = 1e-9", "guard_time must be shorter"),
        ("seed = = 1", "hardware.toml: .*line 1"),
    ],
)
def test_wrong_files_are_refused_with_their_name(text, message, tmp_path):
    path = tmp_path / "hardware.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        Hardware.from_toml(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"switch.isolation": 3.0}, r"Did you mean switch\.isolation_db\?"),
        ({"noise.level": 3.0}, "noise is a plain setting"),
        ({"lens.focus": 3.0}, "unknown hardware key lens"),
        ({"switch": 3.0}, r"write a table \[switch\]"),
    ],
)
def test_wrong_names_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Hardware().with_values(values)


def test_what_may_be_left_out_is_taken_away_by_the_word():
    fitted = Hardware.from_toml_text(
        "order = [0, 1]\n[output_switch]\n[adc]\nbits = 4\n"
        "[rings]\nheater_bits = 8\nchannel_spacing = 1e10\n"
    )
    names = ("order", "output_switch", "adc", "rings.heater_bits", "rings.channel_spacing")
    assert fitted.with_values(dict.fromkeys(names, "none")) == Hardware()
    assert Hardware.from_toml_text("order = 'none'\n[rings]\nheater_bits = 'none'") == Hardware()


def test_changes_are_made_together_whatever_their_order():
    for values in (
        {"detector.bandwidth": np.inf, "noise": False},
        {"switch.guard_time": 2e-9, "slot_duration": 1e-8},
        {"switch.edge": "raised_cosine", "switch.transient": "mzi"},
    ):
        backwards = dict(reversed(list(values.items())))
        assert Hardware().with_values(values) == Hardware().with_values(backwards)


def test_a_file_of_another_encoding_is_named(tmp_path):
    path = tmp_path / "hardware.toml"
    path.write_bytes(b"# caf\xe9\n")
    with pytest.raises(ValueError, match=r"hardware\.toml: .*utf-8"):
        Hardware.from_toml(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.toml"):
        Hardware.from_toml(tmp_path / "absent.toml")
