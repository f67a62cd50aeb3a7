"""Text from a network that guesses characters: one is drawn, joins the window, and so on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from photon_relax.assembly import demand_same_data, load_data
from photon_relax.config import FidelityName, TrainingConfig
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.run_file import RunFile

__all__ = ["generate_text", "sample_text", "text_known_to"]


def sample_text(
    run: str | Path | RunFile,
    prompt: str = "",
    *,
    length: int = 500,
    count: int = 1,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
    fidelity: FidelityName | None = None,
    hardware: Hardware | None = None,
    data_dir: str | Path | None = None,
) -> list[str]:
    """Let a trained run continue a prompt; return the continuations.

    A prompt that is shorter than the window stands behind the run's opening, a passage of the text
    it was trained on: its first characters then cost 0.01 nats more than behind the text that is
    really there, behind line breaks alone 0.3.

    Parameters
    ----------
    run
        A run of a character task, its file or its folder.
    prompt, length, count, temperature, top_k, seed
        As `generate_text` takes them.
    fidelity, hardware
        Other ones than the run was trained with.
    data_dir
        Folder with the text, for runs of old that kept nothing of it.

    Raises
    ------
    ValueError
        The run is of another task or not trained yet, or an argument is out of range.
    """
    found = run if isinstance(run, RunFile) else RunFile.read(run)
    alphabet, opening = text_known_to(found, data_dir)
    network = found.build_network()
    if fidelity is not None or hardware is not None:
        network = network.at(fidelity or network.fidelity, hardware)
    pieces = generate_text(
        network, alphabet, opening + prompt, length=length, count=count, temperature=temperature,
        top_k=top_k, seed=seed,
    )  # fmt: skip
    return ["".join(text) for text in zip(*pieces, strict=True)]


def text_known_to(run: RunFile, data_dir: str | Path | None = None) -> tuple[str, str]:
    """Return the alphabet of a run and its opening: its own, or of old runs the data set's.

    Raises
    ------
    ValueError
        The run is of another task, not trained yet, or its data set is needed and not here.
    """
    size = run.network.get("vocabulary")
    if size is None:
        raise ValueError(
            f"{run.source} was trained on {run.configuration['dataset']}, which has classes and no "
            "characters; text comes from a run of shakespeare"
        )
    run.demand_trained()
    alphabet, opening = run.vocabulary, run.opening
    if alphabet is None or opening is None:
        dataset = load_data(TrainingConfig.create(run.configuration), data_dir)
        demand_same_data(run, dataset)
        alphabet, opening = dataset.vocabulary or "", dataset.opening or ""
    if len(alphabet) != size:
        raise ValueError(
            f"the alphabet of {run.source} has {len(alphabet)} characters and its network {size}"
        )
    return alphabet, opening


def generate_text(
    network: ReLaXNet,
    alphabet: str,
    prompt: str = "",
    *,
    length: int = 500,
    count: int = 1,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
) -> Iterator[list[str]]:
    """Return what follows a prompt, character by character, `count` texts side by side.

    The network sees the last characters, as many as its window holds, and was trained on full
    windows: line breaks stand before a prompt that is shorter (or, where the alphabet has none, its
    first character). A run's opening before the prompt is better, as `sample_text` puts it there.

    The noise of `slot` and `waveform` is fresh for every character. For a seed all is the same
    again; what is drawn does not depend on the network, so that the texts of the same network on
    other hardware part only where the hardware changes the choice.

    Parameters
    ----------
    network
        Reads characters; answers at its fidelity and on its hardware.
    alphabet
        Character k stands for input and output k.
    prompt
        What to continue; may be empty.
    length
        Characters to write, at least 1.
    count
        Texts to write, as one batch, at least 1.
    temperature
        T ≥ 0: the characters are drawn from softmax(logits/T); 0 takes the likeliest.
    top_k
        Draw from the k likeliest alone; None from all.
    seed
        Of the draws and of the noise, 0 … 2⁶³ − 2.

    Returns
    -------
    An iterator over `length` lists of `count` characters.

    Raises
    ------
    ValueError
        A character is not of the alphabet, or a number is out of range.
    """
    for name, value in (("length", length), ("count", count), ("top_k", top_k)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1; got {value}")
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError(f"temperature must be a finite number of at least 0; got {temperature}")
    if not 0 <= seed < 2**63 - 1:
        raise ValueError(f"seed must be at least 0 and below 2⁶³ − 1; got {seed}")
    window = _first_window(alphabet, prompt, network.n_in)
    return _continue(
        network.frozen(), alphabet, np.tile(window, (count, 1)), length, temperature,
        min(top_k or len(alphabet), len(alphabet)), seed,
    )  # fmt: skip


def _first_window(alphabet: str, prompt: str, size: int) -> NDArray[np.int64]:
    """Return the end of the prompt as a full window of positions in the alphabet, (size,)."""
    positions = {character: k for k, character in enumerate(alphabet)}
    if strange := sorted(set(prompt) - positions.keys()):
        raise ValueError(
            f"the prompt has characters that the network has never seen: "
            f"{', '.join(map(repr, strange))}; its alphabet is {alphabet!r}"
        )
    before = "\n" if "\n" in positions else alphabet[0]
    text = (before * size + prompt)[-size:]
    return np.array([positions[character] for character in text])


def _continue(
    network: ReLaXNet,
    alphabet: str,
    windows: NDArray[np.int64],
    length: int,
    temperature: float,
    top_k: int,
    seed: int,
) -> Iterator[list[str]]:
    """Draw `length` characters behind each window, (count, size)."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    count = len(windows)
    for position in range(length):
        with torch.no_grad():
            logits = network(torch.from_numpy(windows), step=seed, first_sample=position * count)
        drawn = _draw(logits.double().numpy(), temperature, top_k, generator)
        windows = np.column_stack([windows[:, 1:], drawn])
        yield [alphabet[k] for k in drawn]


def _draw(
    logits: NDArray[np.float64], temperature: float, top_k: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Draw one of each row of logits from softmax(logits/T) of its k largest.

    The largest of logits/T plus Gumbel noise is distributed so (Gumbel, Statistical theory of
    extreme values, 1954); times T it holds at T = 0 too.
    """
    least = np.partition(logits, -top_k, axis=1)[:, -top_k, None]
    noise = generator.gumbel(size=logits.shape)
    drawn: NDArray[np.int64] = np.where(
        logits >= least, logits + temperature * noise, -np.inf
    ).argmax(axis=1)
    return drawn
