import pytest

from photon_relax.hardware import Hardware
from photon_relax.run_file import RunFile
from photon_relax.training import Trainer
from photon_relax.training_state import demand_same_settings


@pytest.fixture
def run(small_config, small_network, small_dataset, tmp_path) -> RunFile:
    """A finished run of one step."""
    config = small_config(steps=1, device="cpu")
    return Trainer(small_network(config), small_dataset, config).run(tmp_path)


def test_a_run_may_go_on_on_another_device(run, small_config):
    demand_same_settings(run, small_config(steps=1, device="cuda"), Hardware())
    assert run.environment["device"] == "cpu"


def test_it_may_not_go_on_with_other_settings(run, small_config):
    with pytest.raises(ValueError, match="differs: steps was 1, is 2, batch_size was 16, is 8"):
        demand_same_settings(run, small_config(steps=2, batch_size=8, device="cuda"), Hardware())


def test_a_setting_that_the_run_did_not_know_had_its_default(run, small_config):
    del run.configuration["gradient_clip"]
    demand_same_settings(run, small_config(steps=1), Hardware())
    with pytest.raises(ValueError, match="what differs: gradient_clip was None, is 0.5"):
        demand_same_settings(run, small_config(steps=1, gradient_clip=0.5), Hardware())
