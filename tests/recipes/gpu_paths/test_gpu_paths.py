"""The recipes' GPU ways in real PyTorch, with tiny models of random weights: every line runs, nothing is fetched.

    DKAI_TORCH_PYTHON=/path/to/python make gpu-paths

names an interpreter with what the recipes' requirements-gpu.in name. Where it sees a GPU, the GPU is used; where not,
the CPU. Without it these tests are skipped: PyTorch is gigabytes, and no other test needs it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recipe_runs import HIDDEN, RECIPES, Ended, lay_out

from dkai.compute.recipes.inputs import gather
from dkai.compute.recipes.params import bind
from dkai.compute.recipes.recipe_file import read_recipe

PYTHON = os.environ.get("DKAI_TORCH_PYTHON", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="DKAI_TORCH_PYTHON names no interpreter with PyTorch")
TINY = Path(__file__).with_name("tiny_models.py")
Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Makes a tiny model under a real one's name; where the cache is."""
    home = tmp_path_factory.mktemp("models")

    def make(kind: str, name: str) -> Path:
        done = subprocess.run(
            [PYTHON, str(TINY), str(home), kind, name + revision(name)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return home

    return make


def revision(name: str) -> str:
    """The one that the recipes pin, such as `@e73636…`; empty where they pin none."""
    for path in sorted(RECIPES.glob("*/recipe.yaml")):
        for variant in read_recipe(path.parent).variants:
            for model in variant.models or ():
                if model.name == name and len(model.version) == 40:
                    return f"@{model.version}"
    return ""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a recipe on its sample with these parameters; `again` in the same folder, as after a requeue."""

    def start(name: str, home: Path, again: Path | None = None, **params: Any) -> Ended:
        folder = again or tmp_path / "job"
        recipe = read_recipe(RECIPES / name)
        if again is None:
            folder.mkdir()
            lay_out(name, folder)
            for file in gather(recipe, [], sample=True):
                target = folder / "input" / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.path, target)
            (folder / "params.json").write_text(json.dumps(bind(recipe, params, sample=True)), encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if not key.startswith(HIDDEN)}
        environment |= {
            "DKAI_LANG": "en",
            "HF_HOME": str(home),
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }
        done = subprocess.run(
            [PYTHON, "script/main.py"], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            encoding="utf-8", timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return Ended(folder, done.returncode, done.stdout, done.stderr)

    return start


def test_a_text_classifier_is_fine_tuned_and_goes_on_from_its_checkpoint(run: Run, models: Any) -> None:
    home = models("encoder", "FacebookAI/xlm-roberta-base")
    wanted = {"engine": "transformer", "epochs": 1, "folds": 2, "repeats": 1, "max_tokens": 32}
    ended = run("text-classifier", home, **wanted)
    first = ended.json("results.json")
    assert first["transformer"]["model"] == "FacebookAI/xlm-roberta-base"
    assert first["transformer"]["earned_its_gpu"] is False  # random weights must not win over counted words
    assert "fine-tuned on" in ended.said
    again = run("text-classifier", home, again=ended.folder)
    assert "done before" in again.said  # nothing is trained twice
    assert again.json("results.json")["transformer"] == first["transformer"]


def test_topics_from_embeddings(run: Run, models: Any) -> None:
    home = models("sentences", "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2")
    ended = run("topic-model", home, engine="embeddings", runs=3)
    assert "Embeddings are computed by" in ended.said
    assert ended.json("results.json")["topics"] is not None


def test_search_with_embeddings(run: Run, models: Any) -> None:
    home = models("sentences", "intfloat/multilingual-e5-base")
    found = run("embedding-search", home, engine="embeddings").json("results.json")
    assert len(found["searches"]) > 1 and all(one["hits"] for one in found["searches"])


def test_questions_are_answered_by_a_language_model(run: Run, models: Any) -> None:
    """A model of random weights writes noise: every answer must be caught as one without a citation that holds."""
    home = models("causal", "Qwen/Qwen3-4B-Instruct-2507")
    found = run("document-qa", home, engine="llm", questions="Hvad målte projektet?").json("results.json")
    (question,) = found["questions"]
    assert question["model"]["answer"] is not None and question["model"]["all_quotations_found"] is False


def test_an_adapter_is_trained_and_goes_on_from_its_checkpoint(run: Run, models: Any) -> None:
    home = models("causal", "tiny/llama")
    folder = str(home / "hub" / "models--tiny--llama" / "snapshots" / ("0" * 40))
    ended = run("lora-finetune", home, engine="peft", model_folder=folder, epochs=2, batch=8, longest=128,
                learning_rate=0.05)  # fmt: skip
    found = ended.json("results.json")
    assert found["loss"]["after"] < found["loss"]["before"]  # bytes of one kind of text are soon learned a little
    assert 0 < found["trained_parameters"] < found["base_parameters"]
    assert (ended.folder / "output" / "adapter" / "adapter_config.json").is_file()
    again = run("lora-finetune", home, again=ended.folder).json("results.json")
    assert again["resumed_from_epoch"] == 2 and again["loss"]["after"] == pytest.approx(found["loss"]["after"])


def test_speech_is_written_down(run: Run, models: Any, tmp_path: Path) -> None:
    home = models("whisper", ".")
    ended = run("transcribe", tmp_path, engine="whisper", model_folder=str(home / "whisper"), language="da")
    assert (ended.folder / "output" / "interview.srt").is_file()
    assert ended.json("results.json")["recordings"][0]


def test_ranks_exchange_through_torch(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    lay_out("multi-gpu-check", folder)
    (folder / "params.json").write_text('{"backend": "torch", "rounds": 3, "repetitions": 3, "kib": 64}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "NODE_RANK": "0", "MASTER_ADDR": "127.0.0.1",
              "MASTER_PORT": str(port), "DKAI_LANG": "en", "DKAI_JOB_ID": "dkai-0000000000"}  # fmt: skip
    ranks = [
        subprocess.Popen(
            [PYTHON, "script/main.py"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(2)
    ]  # fmt: skip
    said = [rank.communicate(timeout=120)[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], said
    report = json.loads((folder / "output" / "report.json").read_text(encoding="utf-8"))
    assert report["torch"]["backend"] in ("gloo", "nccl") and report["wrong_sums"] == 0
    assert report["torch"]["sums"]["wrong"] == 0 and report["processes"] == 2
