import numpy as np
import pytest
import torch

from photon_relax.hardware import Hardware
from photon_relax.programming.carrying import carry_over
from photon_relax.run_file import RunFile
from photon_relax.training import TrainingInterrupted

STAGES = ["perfect banks", "naive", "corrected", "self-configured"]
COARSE = Hardware().with_values({"mesh.splitter_error": 0.15})


def test_every_stage_on_every_chip(trained, pipeline):
    results = pipeline(trained(), hardware=COARSE, fine_tune=3).execute()
    assert [(r.stage, r.chip) for r in results] == [
        ("ideal", None),
        *((stage, chip) for chip in (3, 4) for stage in STAGES),
        ("fine-tuned", 3),
        ("fine-tuned", 4),
    ]
    for result in results[1:]:
        assert result.hardware.seed == result.chip
        assert len(result.banks) == (0 if result.stage == "perfect banks" else 2)
    # Errors of this size are seen in every bank, and most of them are corrected.
    errors = {
        stage: np.mean([b.error for r in results if r.stage == stage for b in r.banks])
        for stage in STAGES[1:]
    }
    assert errors["naive"] > 0.3
    assert errors["corrected"] < 0.6 * errors["naive"]
    assert errors["self-configured"] < 0.6 * errors["naive"]


def test_perfect_banks_answer_as_the_dense_network_does(trained, pipeline):
    results = pipeline(trained(), hardware=Hardware.perfect()).execute()
    ideal, *chips = results
    for result in chips:
        np.testing.assert_allclose(result.evaluation.losses, ideal.evaluation.losses, atol=1e-5)


def test_a_network_keeps_its_settings_on_its_own_kind_of_bank(trained):
    run = trained(bank="mzi")
    network = run.build_network()
    carried = carry_over(network, Hardware())
    assert carried is not network
    for name, value in network.state_dict().items():
        torch.testing.assert_close(carried.state_dict()[name], value, atol=0, rtol=0)


def test_only_the_stages_asked_for(trained, pipeline):
    run = trained()
    results = pipeline(run, stages=("corrected",), chips=(5,)).execute()
    assert [result.stage for result in results] == ["ideal", "perfect banks", "corrected"]
    with pytest.raises(ValueError, match="stages must be among naive, .*; got 'later'"):
        pipeline(run, stages=("later",))


def test_what_is_tuned_on_the_chip_answers_better_there(trained, pipeline):
    hardware = COARSE.with_values({"mesh.splitter_error": 0.3})
    results = pipeline(
        trained(), hardware=hardware, stages=("naive",), chips=(1,), fine_tune=60,
        learning_rate=0.02,
    ).execute()  # fmt: skip
    naive, tuned = results[-2:]
    assert naive.evaluation.loss - tuned.evaluation.loss > 0.1
    # The chip is the same, so are its errors.
    np.testing.assert_array_equal(naive.network.chip.alpha, tuned.network.chip.alpha)


def test_what_no_training_makes_better_stays_as_it_was_programmed(trained, pipeline):
    # Steps of this length throw away all that was learnt.
    results = pipeline(
        trained(), stages=("naive",), chips=(1,), fine_tune=3, learning_rate=3.0
    ).execute()  # fmt: skip
    naive, tuned = results[-2:]
    np.testing.assert_array_equal(tuned.evaluation.losses, naive.evaluation.losses)


def test_what_is_tuned_on_draws_is_one_network_for_all_chips(trained, pipeline, tmp_path):
    run = trained()
    results = pipeline(
        run, hardware=COARSE, chips=tuple(range(6)), stages=("naive",), fine_tune=60,
        fine_tune_on="draws", learning_rate=0.02,
    ).execute(tmp_path / "out")  # fmt: skip
    losses = {
        stage: np.mean([r.evaluation.loss for r in results if r.stage == stage])
        for stage in ("naive", "fine-tuned")
    }
    assert losses["naive"] - losses["fine-tuned"] > 0.1
    one, other, *_ = (r for r in results if r.stage == "fine-tuned")
    for name, value in one.network.state_dict().items():
        torch.testing.assert_close(other.network.state_dict()[name], value, atol=0, rtol=0)
    assert not np.array_equal(one.network.chip.alpha, other.network.chip.alpha)
    tuned = RunFile.read(tmp_path / "out" / "draws")
    assert tuned.configuration["bank"] == "mzi"


def test_a_fine_tuning_goes_on_where_it_was_stopped(trained, pipeline, tmp_path):
    run = trained()
    whole = pipeline(run, fine_tune=8, chips=(1,)).execute(tmp_path / "whole")
    stopped = pipeline(run, fine_tune=8, chips=(1,))

    def stop(step, *_):
        if step == 4:
            raise TrainingInterrupted(tmp_path, step, 2)

    stopped.watcher.stepped = stop
    stopped.config = stopped.config.model_copy(update={"checkpoint_steps": 1})
    with pytest.raises(TrainingInterrupted):
        stopped.execute(tmp_path / "parts")
    assert RunFile.read(tmp_path / "parts" / "chip-1").progress["step"] == 3
    again = pipeline(run, fine_tune=8, chips=(1,))
    again.config = stopped.config
    results = again.execute(tmp_path / "parts")
    np.testing.assert_array_equal(results[-1].evaluation.losses, whole[-1].evaluation.losses)


def test_what_cannot_be_programmed_is_refused(trained, pipeline):
    run = trained()
    with pytest.raises(ValueError, match="of a homodyne machine go onto the bank mzi, not ring"):
        pipeline(run, bank="ring")
    with pytest.raises(ValueError, match="chips must be different seeds"):
        pipeline(run, chips=(1, 1))
    with pytest.raises(ValueError, match=r"fine_tune must be ≥ 0 .* got -1"):
        pipeline(run, fine_tune=-1)
    with pytest.raises(ValueError, match="learning_rate"):
        pipeline(run, fine_tune=1, learning_rate=-1.0)
