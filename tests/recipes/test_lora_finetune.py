"""lora-finetune: the gradients, the merge and the going on are right; the examples are checked; endings are plain."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from recipe_runs import RECIPES, Ended, lay_out

SAMPLE = RECIPES / "lora-finetune" / "sample"
LIBRARY = {"library.jsonl": (SAMPLE / "library.jsonl").read_bytes()}


def pairs(n: int, **more: Any) -> list[dict[str, Any]]:
    return [{"prompt": f"spørgsmål nummer {i}", "response": f"svaret er nummer {i}", **more} for i in range(n)]


def jsonl(items: list[Any]) -> bytes:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()


def started(folder: Path, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "script/main.py"], cwd=folder, env={**os.environ, "DKAI_LANG": lang},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ended(tmp_path_factory):  # type: ignore[no-untyped-def]
    """The sample run: made once, looked at by many tests."""
    folder = tmp_path_factory.mktemp("library")
    lay_out("lora-finetune", folder)
    (folder / "input" / "library.jsonl").write_bytes(LIBRARY["library.jsonl"])
    done = started(folder)
    assert done.returncode == 0, done.stderr
    return Ended(folder, done.returncode, done.stdout, done.stderr)


class TestSample:
    """The invented library: 240 good lines and 2 broken ones."""

    def test_the_examples_are_counted_and_split(self, ended):  # type: ignore[no-untyped-def]
        found = ended.json("results.json")
        assert found["examples"] == {"train": 192, "val": 24, "test": 24, "left_out": 2, "kinds": ["pairs"]}
        rows = list(csv.DictReader(io.StringIO(ended.text("split.csv"))))
        assert len(rows) == 242
        out = {row["line"]: row["why_left_out"] for row in rows if row["part"] == "left out"}
        assert out == {"101": "the answer is empty", "201": "the line is not valid JSON"}
        assert found["data"]["languages"] == {"da": 240}

    def test_the_adapter_helps_and_beats_counting(self, ended):  # type: ignore[no-untyped-def]
        loss = ended.json("results.json")["loss"]
        assert loss["before"] < np.log(120)  # the base knows more than nothing
        assert loss["after"] < 0.5 < loss["guesses"]["bigram"] < loss["guesses"]["unigram"]
        low, high = loss["gain_interval_95"]
        assert 0 < low < loss["gain"] < high
        assert loss["gain"] == pytest.approx(loss["before"] - loss["after"], abs=1e-4)
        assert loss["perplexity_after"] == pytest.approx(np.exp(loss["after"]), rel=1e-3)
        assert ended.json("results.json")["verdict"]["code"] == "yes"
        assert "Yes: the adapter removes" in ended.said

    def test_only_the_adapter_was_trained_and_merging_it_changes_nothing(self, ended):  # type: ignore[no-untyped-def]
        found = ended.json("results.json")
        adapter = np.load(ended.folder / "output" / "adapter.npz")
        sizes = {name: adapter[name].shape for name in adapter.files if name != "scale"}
        assert all(min(shape) == 8 for shape in sizes.values())  # the rank
        assert found["trained_parameters"] == sum(int(np.prod(shape)) for shape in sizes.values())
        assert found["trained_parameters"] < found["base_parameters"] / 4
        assert float(adapter["scale"]) == 2.0  # alpha/rank
        assert found["largest_difference_when_merged"] < 1e-4

    def test_it_is_honest_about_the_sample(self, ended):  # type: ignore[no-untyped-def]
        assert ended.json("results.json")["data"]["warnings"] == ["left-out", "overlap"]
        assert "This is a toy model of characters" in ended.text("report.html")

    def test_nothing_of_the_examples_is_shown(self, ended):  # type: ignore[no-untyped-def]
        for shown in (ended.said, ended.text("report.html"), ended.text("results.json")):
            assert "Kære gæst" not in shown
        assert "Kære gæst" in ended.text("samples.txt")
        assert ended.text("samples.txt").startswith("Answers to examples from the test.")
        page = ended.text("report.html")
        assert not re.search(r"<script|<link|<img|url\(|@import", page)

    def test_a_second_start_goes_on_where_the_first_ended(self, ended):  # type: ignore[no-untyped-def]
        before = ended.json("results.json")
        again = started(ended.folder)
        assert "Going on after epoch 3 of 3" in again.stdout
        after = ended.json("results.json")
        assert after["resumed_from_epoch"] == 3
        assert after["loss"] == before["loss"]


def test_the_sample_is_what_its_script_makes() -> None:
    assert runpy.run_path(str(SAMPLE / "make_examples.py"))["text"]().encode() == LIBRARY["library.jsonl"]


def test_an_interrupted_training_ends_as_an_unbroken_one(run_recipe):  # type: ignore[no-untyped-def]
    """Two epochs, then started again with three: the same weights as three at once."""
    files = {"a.jsonl": jsonl(pairs(40))}
    whole = run_recipe("lora-finetune", {"epochs": 3}, files=files)
    broken = run_recipe("lora-finetune", {"epochs": 2}, files=files)
    (broken.folder / "params.json").write_text('{"epochs": 3}')
    again = started(broken.folder)
    assert "Going on after epoch 2 of 3" in again.stdout
    one, two = (np.load(e.folder / "output" / "adapter.npz") for e in (whole, broken))
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])
    assert whole.json("results.json")["curve"] == broken.json("results.json")["curve"]
    for kept in (broken.folder / "checkpoint").iterdir():
        kept.write_bytes(b"half")  # what is not whole is done again
    assert "Going on" not in started(broken.folder).stdout


def test_gradients_are_what_small_steps_say(modules):  # type: ignore[no-untyped-def]
    (net,) = modules("lora-finetune", "net")
    rng = np.random.default_rng(1)
    base = {name: w.astype(float) for name, w in net.fresh(rng).items()}
    lora = net.Lora({name: rng.normal(0, 0.1, w.shape) for name, w in net.Lora.fresh(4, 8, rng).pairs.items()}, 2.0)
    context, wanted = rng.integers(0, net.SYMBOLS, (7, net.CONTEXT)), rng.integers(0, net.SYMBOLS, 7)

    def loss(used: Any) -> float:
        return float(net.losses(net.logits(base, used, context)[0], wanted)[0].mean())

    for used, weights in ((lora, lora.pairs), (None, base)):
        _, by = net.gradients(base, used, context, wanted)
        assert set(by) == set(weights)
        for name, w in weights.items():
            at = np.unravel_index(np.abs(by[name]).argmax(), w.shape)
            step, own = 1e-5, w[at]
            w[at] = own + step
            high = loss(used)
            w[at] = own - step
            low = loss(used)
            w[at] = own
            assert by[name][at] == pytest.approx((high - low) / (2 * step), rel=1e-4), name


def test_a_fresh_adapter_changes_nothing_and_a_merged_one_is_the_same(modules):  # type: ignore[no-untyped-def]
    (net,) = modules("lora-finetune", "net")
    rng = np.random.default_rng(1)
    base, context = net.fresh(rng), rng.integers(0, net.SYMBOLS, (5, net.CONTEXT))
    lora = net.Lora.fresh(4, 8, rng)
    np.testing.assert_array_equal(net.logits(base, lora, context)[0], net.logits(base, None, context)[0])
    lora.pairs["B1"][:], lora.pairs["B2"][:] = 0.1, -0.1
    merged = net.logits(lora.merged(base), None, context)[0]
    np.testing.assert_allclose(net.logits(base, lora, context)[0], merged, atol=1e-4)
    assert np.abs(merged - net.logits(base, None, context)[0]).max() > 0.1


def test_guesses_are_counting(modules):  # type: ignore[no-untyped-def]
    guesses, net = modules("lora-finetune", "guesses", "net")
    a, b = 40, 41
    train = np.array([a] * 3 + [b])
    smoothed = (np.bincount(train, minlength=net.SYMBOLS) + 1) / (4 + net.SYMBOLS)
    assert guesses.unigram(train, np.array([a, b])) == pytest.approx(-np.log(smoothed[[a, b]]).mean())
    context, wanted = net.windows("", "abababababab" * 20)
    assert guesses.bigram((context, wanted), (context, wanted)) < 0.1


def test_every_kind_of_file_is_read(run_recipe):  # type: ignore[no-untyped-def]
    chat = [{"messages": [{"role": "system", "content": "Svar kort."}, {"role": "user", "content": f"hvad er {i}"},
                          {"role": "assistant", "content": f"det er {i}"}, {"role": "user", "content": "tak"}]}
            for i in range(10)]  # fmt: skip
    files = {
        "chat.jsonl": jsonl(chat),
        "alpaca.json": json.dumps(
            [{"instruction": f"oversæt {i}", "input": "ord", "output": f"word {i}"} for i in range(10)]
        ).encode(),
        "table.csv": ("spørgsmål;svar\n" + "".join(f"hvor {i};der {i}\n" for i in range(10))).encode("cp1252"),
        "text.txt": "\n\n".join(f"et afsnit {i}\npå to linjer" for i in range(10)).encode(),
    }  # fmt: skip
    ended = run_recipe("lora-finetune", {"epochs": 1}, files=files)
    assert ended.code == 0, ended.error
    found = ended.json("results.json")["examples"]
    assert found["train"] + found["val"] + found["test"] == 40
    assert found["kinds"] == ["messages", "pairs", "table", "text"]
    assert found["left_out"] == 0


def test_what_is_wrong_with_examples_is_counted_and_never_shown(run_recipe):  # type: ignore[no-untyped-def]
    items = [
        *pairs(40),
        {"prompt": "hvem", "response": "Ring til 010190-1234 eller skriv til nogen@eksempel.dk"},
        {"prompt": "hvem der", "response": "010190-1234"},
        *pairs(3),  # repeats
        {"prompt": "spørgsmål nummer 1", "response": "noget andet"},  # two answers to one question
        {"prompt": "x"}, {"response": "y"}, [1], {"messages": [{"role": "boss", "content": "z"}]}, {"messages": "z"},
    ]  # fmt: skip
    ended = run_recipe("lora-finetune", {"epochs": 1}, files={"a.jsonl": jsonl(items) + b"{broken\n", "b.jsonl": b""})
    found = ended.json("results.json")["data"]
    assert found["counts"] | {"commonest_answer": 0, "test_answers_seen_in_training": 0} == {
        "examples": 46, "left_out": 7, "duplicates": 3, "conflicting": 1, "commonest_answer": 0, "with_cpr": 2,
        "with_email": 1, "test_answers_seen_in_training": 0, "short_answers": 0, "long_answers": 0,
    }  # fmt: skip
    assert found["warnings"][:3] == ["cpr", "email", "left-out"]
    assert "conflicting" in found["warnings"]
    for shown in (ended.said, ended.text("report.html"), ended.text("results.json"), ended.text("split.csv")):
        assert "010190" not in shown
        assert "eksempel.dk" not in shown


def test_equal_prompts_stay_together_and_an_added_example_moves_none(modules):  # type: ignore[no-untyped-def]
    split, examples, words = modules("lora-finetune", "split", "examples", "words")
    made = [
        examples.Example(
            "a", n, (("user", f"Spørgsmål  {n % 60}" if n % 2 else f"spørgsmål {n % 60}"), ("assistant", f"{n}"))
        )
        for n in range(120)
    ]
    parts = split.split(made, 1, words.Words({}, "en"))
    sides = [{split.key(e) for e in part} for part in (parts.train, parts.val, parts.test)]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 60
    assert [len(side) for side in sides] == [48, 6, 6]
    order = split.split(list(reversed(made)), 1, words.Words({}, "en"))
    assert {split.key(e) for e in order.test} == sides[2]


BROKEN = [
    ({}, None, "There are no files in input/ that the recipe can read.", "Der er ingen filer i input/"),
    ({"a.jsonl": b""}, None, "There are no usable examples. The first problem: the file is empty",
     "Der er ingen brugbare eksempler."),
    ({"a.jsonl": b"\xff\xfe\x00"}, None, "There are no usable examples.", "Der er ingen brugbare eksempler."),
    ({"a.jsonl": b"[" * 100_000}, None, "There are no usable examples.", "Der er ingen brugbare eksempler."),
    ({"a.jsonl": jsonl(pairs(5))}, None, "There are only 5 examples; at least 20", "Der er kun 5 eksempler"),
    ({"a.jsonl": jsonl(pairs(1) * 30)}, None, "There are only 1 different prompts", "Der er kun 1 forskellige"),
    ({"a.csv": b"a;b;c\n1;2;3\n"}, None, "a.csv: say by the column names prompt and response", "a.csv: sig med"),
    (LIBRARY, {"rank": 0}, "The parameter rank cannot be 0", "Parameteren rank kan ikke være 0"),
    (LIBRARY, {"learning_rate": 1}, "The parameter learning_rate cannot be 1", "Parameteren learning_rate"),
    (LIBRARY, {"engine": "peft"}, "The Python package torch is missing here", "Python-pakken torch mangler her"),
]  # fmt: skip


@pytest.mark.parametrize("at", range(len(BROKEN)))
def test_what_cannot_go_on_ends_with_a_sentence(run_recipe, at):  # type: ignore[no-untyped-def]
    files, params, english, danish = BROKEN[at]
    for lang, sentence in (("en", english), ("da", danish)):
        ended = run_recipe("lora-finetune", params, files=files, DKAI_LANG=lang)
        assert ended.code == 1
        assert ended.error.startswith(sentence)
        assert "\n" not in ended.error


def test_in_danish(run_recipe):  # type: ignore[no-untyped-def]
    ended = run_recipe("lora-finetune", {"epochs": 1}, files={"a.jsonl": jsonl(pairs(40))}, DKAI_LANG="da")
    page = ended.text("report.html")
    assert '<html lang="da">' in page
    assert "Det her er en legetøjsmodel af tegn" in page
    assert "Kun 40 eksempler: nok til at lære en form" in page
    assert ended.text("split.csv").splitlines()[0] == "file;line;part;why_left_out"


QWEN_HALF = SimpleNamespace(
    hidden_size=896, num_hidden_layers=24, intermediate_size=4864, vocab_size=151_936, num_attention_heads=14,
    num_key_value_heads=2, tie_word_embeddings=True, model_type="qwen2",
)  # fmt: skip
QWEN_SEVEN = SimpleNamespace(
    hidden_size=3584, num_hidden_layers=28, intermediate_size=18_944, vocab_size=152_064, num_attention_heads=28,
    num_key_value_heads=4, tie_word_embeddings=False, model_type="qwen2",
)  # fmt: skip


def test_the_memory_estimate(modules):  # type: ignore[no-untyped-def]
    """Sizes against the published files: 988 MB and 15.23 GB in 2 bytes a weight."""
    (memory,) = modules("lora-finetune", "memory")
    half, seven = memory.shape_of(QWEN_HALF), memory.shape_of(QWEN_SEVEN)
    assert half.parameters * 2 == pytest.approx(988e6, rel=0.002)
    assert seven.parameters * 2 == pytest.approx(15.23e9, rel=0.002)
    # q: 896→896, k and v: 896→128, o: 896→896, gate and up: 896→4864, down: back; each rank·(in + out)
    assert half.lora(8) == 24 * 8 * (2 * 1792 + 2 * 1024 + 3 * 5760)
    plain = memory.needed(seven, rank=8, batch=4, longest=1024, quantise=False)
    packed = memory.needed(seven, rank=8, batch=4, longest=1024, quantise=True)
    assert plain["all"] == pytest.approx(sum(v for k, v in plain.items() if k != "all"), abs=0.05)
    assert packed["weights"] < 0.45 * plain["weights"]
    assert plain["logits"] == pytest.approx(4 * 1024 * 152_064 * 8 / 1e9, abs=0.01)
    assert [memory.fits(gb, 80) for gb in (60, 70, 90)] == ["yes", "tight", "no"]


class FakeTokenizer:
    """A tokenizer with one token a character and a template like ChatML's."""

    eos_token_id = 0

    def __call__(self, text: str, add_special_tokens: bool) -> dict[str, list[int]]:
        assert add_special_tokens is False
        return {"input_ids": [ord(c) for c in text]}

    def apply_chat_template(
        self, messages: list[dict[str, str]], tokenize: bool, add_generation_prompt: bool = False
    ) -> str:
        assert tokenize is False
        said = "".join(f"<{m['role']}>{m['content']}</>" for m in messages)
        return said + ("<assistant>" if add_generation_prompt else "")


def test_only_answers_are_learned(modules):  # type: ignore[no-untyped-def]
    tokens, examples = modules("lora-finetune", "tokens", "examples")
    example = examples.Example("a", 1, (("user", "hej"), ("assistant", "dav")))
    ids, wanted = tokens.tokenised(example, FakeTokenizer(), 100)
    assert "".join(map(chr, ids)) == "<user>hej</><assistant>dav</>"
    assert "".join(chr(w) for w in wanted if w != tokens.IGNORED) == "dav</>"
    ids, wanted = tokens.tokenised(example, FakeTokenizer(), 10)  # the prompt gives way first
    assert "".join(map(chr, ids)) == "ant>dav</>"
    assert sum(w != tokens.IGNORED for w in wanted) == 6
    plain = examples.Example("a", 1, (("assistant", "tekst"),))
    assert tokens.tokenised(plain, FakeTokenizer(), 100)[1] == [*map(ord, "tekst"), 0]
    rows = tokens.padded([([1, 2, 3], [-100, 2, 3]), ([4], [4])], 9)
    assert rows == ([[1, 2, 3], [4, 9, 9]], [[1, 1, 1], [1, 0, 0]], [[-100, 2, 3], [4, -100, -100]])
    odd = SimpleNamespace(eos_token_id=0, apply_chat_template=lambda messages, **_: f"{len(messages)}")
    with pytest.raises(tokens.TemplateError):
        tokens.tokenised(example, odd, 100)


def test_the_learning_rate_rises_and_falls(modules):  # type: ignore[no-untyped-def]
    (engine,) = modules("lora-finetune", "engine_peft")
    rates = [engine.rate_at(step, 100) for step in range(100)]
    assert rates[4] == 1.0
    assert rates[:5] == sorted(rates[:5])
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] < 0.001


def test_without_a_gpu_nothing_is_quantised(run_recipe, tmp_path):  # type: ignore[no-untyped-def]
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "torch.py").write_text("class cuda:\n    is_available = staticmethod(lambda: False)\n")
    (fake / "peft.py").write_text(
        "LoraConfig = get_peft_model = get_peft_model_state_dict = set_peft_model_state_dict = None\n"
    )
    ended = run_recipe("lora-finetune", {"engine": "peft", "quantise": True}, files=LIBRARY, PYTHONPATH=str(fake))
    assert ended.code == 1
    assert ended.error.startswith("quantise needs a GPU that PyTorch can see")


def test_gain_is_judged_by_its_interval(modules):  # type: ignore[no-untyped-def]
    (outcome,) = modules("lora-finetune", "outcome")
    rng = np.random.default_rng(1)
    before, weights = rng.normal(2, 0.3, 60), np.full(60, 50.0)
    for change, code in ((0.5, "yes"), (0.05, "little"), (0.0, "no"), (-0.5, "worse")):
        after = before - change + rng.normal(0, 0.02, 60) * (1 if change else 0)
        made = SimpleNamespace(gain=outcome.gain_of(before, after, weights, 1), before=before.mean())
        assert outcome.conclude(made) == code
    assert outcome.gain_of(before, before - 0.5, weights, 1)[0] == pytest.approx(0.5)


def test_both_languages_say_the_same_things(modules):  # type: ignore[no-untyped-def]
    (texts,) = modules("lora-finetune", "texts")
    for key, (danish, english) in texts.TEXTS.items():
        assert set(re.findall(r"{(\w+)}", danish)) == set(re.findall(r"{(\w+)}", english)), key
        assert danish.strip(), key
        assert english.strip(), key
