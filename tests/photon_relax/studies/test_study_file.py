import pytest

from photon_relax.studies.design import Wafers
from photon_relax.studies.study_file import read_study_file, study_of_record
from photon_relax.studies.study_folder import StudyRecord

EVALUATE = """
[measure]
kind = "evaluate"
run = "{run}"
"""


@pytest.fixture
def read(tmp_path, trained):
    """Return a function that reads a study file of some text."""

    def read(text):
        path = tmp_path / "study.toml"
        path.write_text(text.replace("{run}", str(trained)))
        return read_study_file(path)

    return read


def test_every_key_arrives(read, trained, tmp_path):
    (tmp_path / "hardware.toml").write_text("[detector]\nbandwidth = 5e8\n")
    study = read(
        f"""
        question = "why?"
        design = "monte-carlo"
        points = 6
        wafers = {{chips = 3, share = 0.5}}
        replicates = 2
        seed = 4
        paired = true
        target = "test_loss"
        [measure]
        kind = "fine-tune"
        run = "{trained}"
        steps = 9
        split = "both"
        [base]
        fidelity = "waveform"
        hardware_file = "{tmp_path}/hardware.toml"
        hardware.switch.isolation_db = 12.0
        [parameters]
        hardware.laser.power = {{lognormal = [0.1, 0.2], within = [0.05, 1.0]}}
        "hardware.mesh.splitter_error" = {{normal = [0.02, 0.001]}}
        learning_rate = [0.001, 0.01]
        """
    )
    assert list(study.parameters) == [
        *("hardware.laser.power", "hardware.mesh.splitter_error", "learning_rate")
    ]
    told = (study.question, study.points, study.wafers, study.replicates, study.seed, study.paired)
    assert told == ("why?", 6, Wafers(chips=3, share=0.5), 2, 4, True)
    assert (study.target, study.baseline) == ("test_loss", {})
    config, hardware = study.function.configure({"learning_rate": 0.01})
    assert (config.steps, config.fidelity, config.learning_rate) == (9, "waveform", 0.01)
    assert (hardware.detector.bandwidth, hardware.switch.isolation_db) == (5e8, 12.0)
    assert study.function.chip == "new"


def test_the_study_of_a_folder_is_made_again(read, tmp_path):
    parameters = "hardware.seed = [1, 2]\nhardware.switch.isolation_db = [9.0, inf]\n"
    study = read("replicates = 2\n[parameters]\n" + parameters + EVALUATE)
    study.record.write(tmp_path)
    again = study_of_record(StudyRecord.read(tmp_path), tmp_path)
    assert again.record == study.record
    assert again.function.configure({}) == study.function.configure({})


def test_one_measurement_keeps_the_chip_and_several_take_new_ones(read):
    parameters = "[parameters]\nhardware.switch.isolation_db = [3, 9]\n"
    assert read(parameters + EVALUATE).function.chip == "same"
    assert read("replicates = 2\n" + parameters + EVALUATE).function.chip == "new"
    assert read(parameters + EVALUATE + 'chip = "new"').function.chip == "new"
    with pytest.raises(ValueError, match="the same chip answers the same every time"):
        read("replicates = 2\n" + parameters + EVALUATE + 'chip = "same"')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[measure]\nkind = 'evaluate'", "study.toml: parameters is missing"),
        ("[parameters]\na = [1]", "study.toml: measure is missing"),
        ("qestion = 'x'", "unknown key qestion; did you mean question?"),
        ("[measure]\nkind = 'evaluate'\nrnu = 'x'", "unknown key measure.rnu; did you mean run?"),
        ("[measure]\nkind = 'train'", "measure.kind: Input should be 'evaluate', 'retrain'"),
        ("design = 'random'", "design: Input should be 'grid', 'list', 'one-at-a-time'"),
        ("x = ", "study.toml is not valid TOML"),
        ("[parameters]\na.b = {linaer = [1, 2, 3]}\n" + EVALUATE, "a.b has the unknown kind of"),
        ("[parameters]\n'a.b' = [1]\na.b = [2]\n" + EVALUATE, "a.b is there twice"),
        ("parameters = {}\n" + EVALUATE, "study.toml: a study needs at least one parameter"),
        ("parameters = {a = [1]}\n" + EVALUATE + "steps = 3", "steps in [measure] are of fine-t"),
        (
            "parameters = {a = [1]}\n" + EVALUATE.replace("evaluate", "fine-tune"),
            "fine-tune needs steps",
        ),
        ("parameters = {a = [1]}\nbase = {hardware_file = 3}\n" + EVALUATE, "hardware_file must"),
        ("parameters = {a = [1]}\nbase = {width = 3}\n" + EVALUATE, "width is fixed by the run"),
    ],
)
def test_a_wrong_file_is_refused_by_its_name(read, text, message):
    with pytest.raises(ValueError, match="study.toml") as refusal:
        read(text)
    assert message in str(refusal.value)


def test_a_study_begun_in_python_goes_on_there():
    record = StudyRecord(
        question="", definition={"measure": {"function": "my:f"}}, points_digest=""
    )
    with pytest.raises(ValueError, match="begun in Python with the function my:f; go on there"):
        study_of_record(record, "here")
