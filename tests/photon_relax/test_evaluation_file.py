import json

import pytest

from photon_relax.evaluation_file import EVALUATION_NAME, ConditionRecord, EvaluationRecord

FIGURES = {
    f"{name}{end}": 0.5
    for name in ("loss", "loss_change", "accuracy", "accuracy_change")
    for end in ("", "_low", "_high")
}


@pytest.fixture
def record():
    condition = ConditionRecord(condition="slot (as trained)", fidelity="slot", **FIGURES)
    return EvaluationRecord(
        run="here", split="test", samples=3, step=7, picture="x.png", options=["--split", "test"],
        conditions=[condition],
    )  # fmt: skip


def test_what_is_written_is_read_again(record, tmp_path):
    assert EvaluationRecord.read(tmp_path) is None
    record.write(tmp_path)
    assert EvaluationRecord.read(tmp_path) == record
    assert json.loads((tmp_path / EVALUATION_NAME).read_text()) == record.as_json()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda text: text[:40], "the whole: Invalid JSON"),
        (lambda text: text.replace('"samples": 3', '"samples": "three"'), "samples: Input"),
        (lambda text: text.replace('"slot"', '"slop"'), r"conditions\.0\.fidelity: Input"),
    ],
)
def test_a_damaged_file_is_refused_by_name(record, tmp_path, damage, reason):
    record.write(tmp_path)
    path = tmp_path / EVALUATION_NAME
    path.write_text(damage(path.read_text()))
    with pytest.raises(ValueError, match=rf"{EVALUATION_NAME} is damaged \({reason}.*again"):
        EvaluationRecord.read(tmp_path)
