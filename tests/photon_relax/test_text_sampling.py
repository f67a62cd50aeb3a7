import dataclasses

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

import photon_relax
from photon_relax.assembly import build_network, load_data
from photon_relax.config import TrainingConfig
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.run_file import RunFile
from photon_relax.text_sampling import generate_text, sample_text, text_known_to
from photon_relax.training import Trainer

ALPHABET = "\nabcd"


def network(**settings):
    settings = {"weight_sets": 2, "repetitions": 3, "vocabulary": 5, "embedding_size": 3} | settings
    return ReLaXNet(3, 6, 5, **settings)


def texts(*arguments, **options):
    return ["".join(text) for text in zip(*generate_text(*arguments, **options), strict=True)]


def logits_of(net, window):
    positions = torch.tensor([[ALPHABET.index(character) for character in window]])
    with torch.no_grad():
        return net(positions)[0].double().numpy()


def test_at_temperature_zero_each_character_is_the_likeliest_behind_its_window():
    net = network()
    expected = "cab"
    for _ in range(12):
        expected += ALPHABET[logits_of(net, expected[-3:]).argmax()]
    assert texts(net, ALPHABET, "ddcab", length=12, temperature=0.0) == [expected[3:]]
    # 10⁻⁶ of any Gumbel noise is less than any two logits differ by.
    assert texts(net, ALPHABET, "ddcab", length=12, temperature=1e-6) == [expected[3:]]


@pytest.mark.parametrize(
    ("temperature", "top_k"), [(1.0, None), (1.0, 5), (0.4, None), (2.5, None), (1.0, 3)]
)
def test_characters_are_drawn_from_the_softmax(temperature, top_k):
    net = network()
    with torch.no_grad():
        net.output_layer.weight.mul_(4.0)
    logits = logits_of(net, "abc") / temperature
    if top_k is not None:
        logits[np.argsort(logits)[: 5 - top_k]] = -np.inf
    shares = np.exp(logits - logits.max())
    expected = 20_000 * shares / shares.sum()
    drawn = texts(
        net, ALPHABET, "abc", length=1, count=20_000, temperature=temperature, top_k=top_k, seed=5
    )
    observed = np.array([drawn.count(character) for character in ALPHABET])
    possible = expected > 0
    assert observed[~possible].sum() == 0
    # The seed is fixed; a wrong temperature or k falls below 1e-100.
    assert chisquare(observed[possible], expected[possible]).pvalue > 0.01


def test_later_characters_are_drawn_behind_those_before():
    net = network()
    drawn = texts(net, ALPHABET, "abc", length=2, count=20_000, seed=2)
    behind = [text[1] for text in drawn if text[0] == "d"]
    logits = logits_of(net, "bcd")
    shares = np.exp(logits) / np.exp(logits).sum()
    observed = [behind.count(character) for character in ALPHABET]
    assert chisquare(observed, len(behind) * shares).pvalue > 0.01


@pytest.mark.parametrize("fidelity", ["ideal", "slot", "waveform"])
def test_a_seed_gives_the_same_texts_of_any_length(fidelity):
    net = network(fidelity=fidelity)
    long = texts(net, ALPHABET, length=9, count=4, seed=1)
    assert len(set(long)) == 4
    assert texts(net, ALPHABET, length=9, count=4, seed=1) == long
    assert texts(net, ALPHABET, length=5, count=4, seed=1) == [text[:5] for text in long]
    assert texts(net, ALPHABET, length=9, count=4, seed=2) != long


def test_noise_is_fresh_for_every_text_character_and_seed():
    # The likeliest characters of a network that does not look at its window: noise alone.
    dark = Hardware().with_values({"laser.power": 1e-8})
    net = network(fidelity="slot", hardware=dark)
    with torch.no_grad():
        net.embedding.weight.zero_()
        net.output_layer.bias.zero_()
    drawn = texts(net, ALPHABET, length=20, count=6, temperature=0.0)
    assert len(set(drawn)) == 6
    assert all(len(set(text)) > 1 for text in drawn)
    assert texts(net, ALPHABET, length=20, count=6, temperature=0.0, seed=1) != drawn
    quiet = net.at("slot", dark.with_values({"noise": False}))
    drawn = texts(quiet, ALPHABET, length=20, count=6, temperature=0.0)
    assert len(set(drawn)) == len(set(drawn[0])) == 1


def test_what_is_drawn_on_the_same_hardware_twice_parts_only_where_other_hardware_decides():
    net = network()
    same = texts(net.at("slot", Hardware.perfect()), ALPHABET, length=30)
    assert same == texts(net, ALPHABET, length=30)
    worse = Hardware.perfect().with_values({"switch.isolation_db": 1.0})
    assert texts(net.at("slot", worse), ALPHABET, length=30) != same


def test_line_breaks_stand_before_a_short_prompt():
    net = network()
    assert texts(net, ALPHABET, "a", length=9) == texts(net, ALPHABET, "\n\na", length=9)
    assert texts(net, ALPHABET, length=9) == texts(net, ALPHABET, "d\n\n\n", length=9)
    other = "xabcd"
    expected = texts(net, other, "xxa", length=9)
    assert texts(net, other, "a", length=9) == expected


def test_the_network_stays_as_it_was():
    net = network(fidelity="slot").train()
    texts(net, ALPHABET, length=2)
    assert net.training
    assert net.bank.training
    net(torch.zeros(1, 3, dtype=torch.int64)).sum().backward()
    assert net.bank.weight.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": "aéb€é"}, r"never seen: 'é', '€'; its alphabet is '\\nabcd'"),
        ({"length": 0}, "length must be at least 1; got 0"),
        ({"count": 0}, "count must be at least 1; got 0"),
        ({"top_k": 0}, "top_k must be at least 1; got 0"),
        ({"temperature": -0.1}, "temperature must be a finite number of at least 0; got -0.1"),
        ({"temperature": float("nan")}, "temperature must be a finite number"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"seed": 2**63 - 1}, "seed must be at least 0"),
    ],
)
def test_impossible_wishes_are_refused_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        generate_text(network(), ALPHABET, **options)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "input.txt").write_text("a cab,\n\na bad cab\n" * 20)
    return tmp_path


@pytest.fixture
def run(folder):
    """A run of three steps on a small text."""
    config = TrainingConfig.create(
        {"dataset": "shakespeare", "window": 4, "width": 4, "steps": 3, "batch_size": 8}
    )
    dataset = load_data(config, folder)
    network = build_network(config, dataset, Hardware())
    return Trainer(network, dataset, config).run(folder / "run")


def test_a_run_writes_behind_its_opening_with_the_alphabet_it_keeps(run, folder):
    assert text_known_to(RunFile.read(folder / "run")) == ("\n ,abcd", "b,\n\n")
    net = run.build_network()
    expected = texts(net, "\n ,abcd", "\na c", length=7, count=2, temperature=0.8, top_k=4, seed=3)
    wishes = {"length": 7, "count": 2, "temperature": 0.8, "top_k": 4, "seed": 3}
    assert sample_text(folder / "run", "a c", **wishes) == expected
    assert photon_relax.sample_text is sample_text
    ideal = sample_text(run, "a c", fidelity="ideal", **wishes)
    assert sample_text(run, "a c", hardware=Hardware.perfect(), **wishes) == ideal
    dark = Hardware().with_values({"laser.power": 1e-9})
    assert sample_text(run, "a c", hardware=dark, **wishes) != ideal


def test_an_old_run_takes_alphabet_and_opening_of_its_data_set(run, folder, monkeypatch):
    monkeypatch.delenv("PHOTON_RELAX_DATA", raising=False)
    old = dataclasses.replace(run, vocabulary=None)
    assert text_known_to(old, folder) == ("\n ,abcd", "b,\n\n")
    with pytest.raises(ValueError, match="no Shakespeare text in"):
        text_known_to(old, folder / "run")
    (folder / "input.txt").write_text("a cab,\n\na bad cab\n" * 30)
    with pytest.raises(ValueError, match="this is other data"):
        text_known_to(old, folder)


def test_runs_that_write_nothing_are_refused(run):
    other = {key: value for key, value in run.network.items() if key != "vocabulary"}
    digits = dataclasses.replace(
        run, network=other, configuration={"dataset": "digits"}, vocabulary=None
    )
    with pytest.raises(ValueError, match="was trained on digits, which has classes and no charact"):
        sample_text(digits)
    with pytest.raises(ValueError, match="has 2 characters and its network 7"):
        sample_text(dataclasses.replace(run, vocabulary="ab"))
    untrained = dataclasses.replace(run, progress={**run.progress, "best_step": None})
    with pytest.raises(ValueError, match="has not come to its first validation yet"):
        sample_text(untrained)
