"""transcribe: turns against the times the sample was made with, files as their formats ask, and plain endings."""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import struct
import subprocess
import sys
import wave
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recipe_runs import RECIPES, Ended, lay_out

SAMPLE = RECIPES / "transcribe" / "sample"
TRUTH = json.loads((SAMPLE / "turns.json").read_text(encoding="utf-8"))
INTERVIEW = {"interview.wav": (SAMPLE / "interview.wav").read_bytes()}
MAKE = runpy.run_path(str(SAMPLE / "make_interview.py"))


def wav(samples: np.ndarray, rate: int = 8000, bits: int = 16) -> bytes:
    """Samples from -1 to 1 as a WAV file."""
    data = np.atleast_2d(samples.T).T
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(data.shape[1])
        file.setsampwidth(bits // 8)
        file.setframerate(rate)
        if bits == 24:
            whole = np.round(data * (2**23 - 1)).astype("<i4")
            file.writeframes(whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
        else:
            file.writeframes(
                np.clip(data * (2 ** (bits - 1) - 1), -(2 ** (bits - 1)), None).astype(f"<i{bits // 8}").tobytes()
            )
    return target.getvalue()


def mono(noise: float = 0.0) -> np.ndarray:
    both = MAKE["samples"]().sum(axis=1) / 1.1
    return both + noise * np.random.default_rng(1).standard_normal(len(both))


def near(found: list[dict[str, Any]], expected: list[tuple[float, float]], within: float = 0.2) -> None:
    assert len(found) == len(expected), found
    for turn, (start, end) in zip(found, expected, strict=True):
        assert turn["start"] == pytest.approx(start, abs=within)
        assert turn["end"] == pytest.approx(end, abs=within)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):  # type: ignore[no-untyped-def]
    """The sample run: made once, looked at by many tests."""
    folder = tmp_path_factory.mktemp("interview")
    lay_out("transcribe", folder)
    (folder / "input" / "interview.wav").write_bytes(INTERVIEW["interview.wav"])
    (folder / "params.json").write_text('{"speakers": "Interviewer;Informant"}')
    done = started(folder)
    assert done.returncode == 0, done.stderr
    return Ended(folder, done.returncode, done.stdout, done.stderr)


def started(folder: Path) -> subprocess.CompletedProcess[str]:
    """The recipe started (again) in a job's folder."""
    return subprocess.run(
        [sys.executable, "script/main.py"], cwd=folder, env={**os.environ, "DKAI_LANG": "en"},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


class TestSample:
    """The conversation that ships, whose turns are known."""

    def test_the_turns_are_found_within_a_fifth_of_a_second(self, ended):  # type: ignore[no-untyped-def]
        (one,) = ended.json("results.json")["recordings"]
        assert one["one_speaker_a_channel"] is True
        near(one["turns"], [(turn["start"], turn["end"]) for turn in TRUTH])
        assert [turn["channel"] for turn in one["turns"]] == [turn["channel"] for turn in TRUTH]

    def test_seconds_add_up(self, ended):  # type: ignore[no-untyped-def]
        found = ended.json("results.json")
        by_speaker = found["recordings"][0]["seconds_by_speaker"]
        for channel, name in enumerate(("Interviewer", "Informant")):
            true = sum(turn["end"] - turn["start"] for turn in TRUTH if turn["channel"] == channel)
            assert by_speaker[name] == pytest.approx(true, abs=0.3)
        spoken = 1.8 + 3.7 + 0.7 + (14.2 - 9.6) + 2.1  # two overlap
        assert found["speech_seconds"] == pytest.approx(spoken, abs=0.4)
        low, high = found["speech_seconds_range"]
        assert low <= found["speech_seconds"] <= high

    def test_it_says_that_nothing_was_transcribed(self, ended):  # type: ignore[no-untyped-def]
        assert ended.json("results.json")["transcribed"] is False
        assert "Nothing has been transcribed yet." in ended.text("report.html")
        assert ended.text("interview.txt").startswith("interview.wav: NOTHING HAS BEEN TRANSCRIBED.")
        assert "[00:00:00.8 – 00:00:02.6] Interviewer: [write here]" in ended.text("interview.txt")
        assert "Nothing has been transcribed yet." in ended.said

    def test_subtitles_are_what_players_read(self, ended):  # type: ignore[no-untyped-def]
        srt = ended.text("interview.srt").strip().split("\n\n")
        assert len(srt) == 6
        for number, block in enumerate(srt, 1):
            assert re.fullmatch(
                rf"{number}\n\d\d:\d\d:\d\d,\d{{3}} --> \d\d:\d\d:\d\d,\d{{3}}\nInter\S+|.+", block, re.S
            )
        vtt = ended.text("interview.vtt")
        assert vtt.startswith("WEBVTT\n\nNOTE ")
        assert len(re.findall(r"^\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}$", vtt, re.M)) == 6
        assert "<v Informant>[write here]" in vtt

    def test_the_word_file_opens(self, ended):  # type: ignore[no-untyped-def]
        with zipfile.ZipFile(ended.folder / "output" / "interview.docx") as file:
            assert file.testzip() is None
            assert set(file.namelist()) == {"[Content_Types].xml", "_rels/.rels", "word/document.xml"}
            root = ET.fromstring(file.read("word/document.xml"))
        texts = [e.text for e in root.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")]
        assert texts.count("Interviewer: ") == 3
        assert texts.count("[write here]") == 6

    def test_the_sample_warns_of_its_telephone_sound(self, ended):  # type: ignore[no-untyped-def]
        assert ended.json("results.json")["recordings"][0]["warnings"] == ["telephone"]
        assert "recorded at 8,000 Hz, like a telephone" in ended.text("report.html")

    def test_the_page_needs_nothing_else(self, ended):  # type: ignore[no-untyped-def]
        page = ended.text("report.html")
        assert not re.search(r"<script|<link|<img|url\(|@import", page)
        assert page.startswith('<!doctype html><html lang="en">')


def test_the_sample_is_what_its_script_makes() -> None:
    assert MAKE["wav"]() == INTERVIEW["interview.wav"]
    assert len(INTERVIEW["interview.wav"]) < 300_000


def test_in_danish(run_recipe):  # type: ignore[no-untyped-def]
    ended = run_recipe("transcribe", files=INTERVIEW, DKAI_LANG="da")
    assert "1 optagelse, 18\u00a0s i alt, heraf omkring 13\u00a0s tale. Intet er skrevet ud endnu." in ended.said
    assert "Taler 2: [skriv her]" in ended.text("interview.txt")
    assert ended.text("interview.txt").startswith("interview.wav: INTET ER SKREVET UD.")
    assert "optaget med 8.000 Hz, som en telefon" in ended.text("report.html")


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_every_depth_gives_the_same_turns(run_recipe, bits):  # type: ignore[no-untyped-def]
    ended = run_recipe("transcribe", files={"a.wav": wav(MAKE["samples"](), bits=bits)})
    (one,) = ended.json("results.json")["recordings"]
    near(one["turns"], [(turn["start"], turn["end"]) for turn in TRUTH])


def test_floats_and_extensible_headers_are_read(run_recipe):  # type: ignore[no-untyped-def]
    data = mono().astype("<f4").tobytes()
    extensible = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8000, 32000, 4, 32, 22, 32, 4) + struct.pack("<H", 3) + bytes(14)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(extensible)) + extensible + b"data" + struct.pack("<I", 2**32 - 1)
    ended = run_recipe(
        "transcribe", {"pause": 0.5}, files={"a.wav": b"RIFF" + struct.pack("<I", 2**32 - 1) + body + data}
    )
    (one,) = ended.json("results.json")["recordings"]  # the length it promises is not there: what is there is used
    assert one["seconds"] == 18.0
    near(one["turns"], [(0.8, 2.6), (3.4, 7.1), (7.9, 8.6), (9.6, 14.2), (15.2, 17.3)])


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.05])
def test_one_channel_in_noise(run_recipe, noise):  # type: ignore[no-untyped-def]
    """Speech of 0.126 (root mean square) in noise of 0.02 and 0.05: 16 and 8 dB above it."""
    ended = run_recipe("transcribe", {"pause": 0.5}, files={"a.wav": wav(mono(noise))})
    (one,) = ended.json("results.json")["recordings"]
    assert one["one_speaker_a_channel"] is False
    near(one["turns"], [(0.8, 2.6), (3.4, 7.1), (7.9, 8.6), (9.6, 14.2), (15.2, 17.3)], 0.25)
    assert {turn["channel"] for turn in one["turns"]} == {None}


def test_the_same_sound_in_both_channels_is_one(run_recipe):  # type: ignore[no-untyped-def]
    both = np.stack([mono(), 0.6 * mono()], axis=1)
    one = run_recipe("transcribe", files={"a.wav": wav(both)}).json("results.json")["recordings"][0]
    assert one["one_speaker_a_channel"] is False


def test_what_is_wrong_with_the_sound_is_said(run_recipe):  # type: ignore[no-untyped-def]
    time = np.arange(18 * 8000) / 8000
    loud = np.clip(8 * mono(), -1, 1)
    files = {
        "clipped.wav": wav(loud),
        "low.wav": wav(0.004 * mono(), bits=24),
        "hum.wav": wav(0.6 * mono() + 0.02 * np.sin(2 * np.pi * 50 * time) + 0.02 * np.sin(2 * np.pi * 100 * time)
                       + 0.02 * np.sin(2 * np.pi * 150 * time)),
        "silent.wav": wav(0.001 * np.random.default_rng(1).standard_normal(80_000)),
        "nothing.wav": wav(np.zeros(80_000)),
        "dead.wav": wav(np.stack([mono(), 0 * mono()], axis=1)),
        "long.wav": wav(np.concatenate([mono(), 0.004 * np.random.default_rng(1).standard_normal(8000 * 200)])),
    }  # fmt: skip
    found = run_recipe("transcribe", files=files).json("results.json")["recordings"]
    warned = {one["file"]: set(one["warnings"]) - {"telephone"} for one in found}
    assert warned == {
        "clipped.wav": {"clipped"}, "low.wav": {"low"}, "hum.wav": {"hum"}, "silent.wav": {"no-speech"},
        "nothing.wav": {"no-speech"}, "dead.wav": {"dead"}, "long.wav": {"little"},
    }  # fmt: skip


def test_one_bad_recording_does_not_stop_the_others(run_recipe):  # type: ignore[no-untyped-def]
    files = {**INTERVIEW, "more/interview.wav": INTERVIEW["interview.wav"], "empty.wav": b"",
             "text.wav": b"not sound" * 99, "short.wav": wav(np.zeros(1000)), "x.mp3": b"ID3" + bytes(999)}  # fmt: skip
    ended = run_recipe("transcribe", files=files, path="/nowhere")
    assert ended.code == 0
    found = ended.json("results.json")
    assert [one["file"] for one in found["recordings"]] == ["interview.wav", "more/interview.wav"]
    assert {one["file"]: one["why"] for one in found["failed"]} == {
        "empty.wav": "the file is empty",
        "text.wav": "it is no WAV file that can be read here",
        "short.wav": "it is shorter than half a second",
        "x.mp3": ".mp3 cannot be read here, as neither PyAV nor ffmpeg is installed. Save it as WAV",
    }
    assert "empty.wav could not be used: the file is empty" in ended.text("report.html")
    assert ended.text("more/interview.srt").startswith("1\n00:00:00,8")


BROKEN = [
    ({}, None, "There are no files in input/ that the recipe can read.", "Der er ingen filer i input/"),
    ({"a.wav": b""}, None, "None of the recordings could be used. a.wav: the file is empty", "Ingen af optagelserne"),
    (INTERVIEW, {"engine": "magic"}, "The parameter engine cannot be", "Parameteren engine kan ikke være"),
    (INTERVIEW, {"pause": 9}, "The parameter pause cannot be 9", "Parameteren pause kan ikke være 9"),
    (INTERVIEW, {"engine": "whisper", "model": "hviske-v3", "language": "en"}, "The model hviske-v3 knows only Danish",
     "Modellen hviske-v3 kan kun dansk"),
    (INTERVIEW, {"engine": "whisper"}, "The Python package ", "Python-pakken "),
]  # fmt: skip


@pytest.mark.parametrize(("files", "params", "english", "danish"), BROKEN)
def test_what_cannot_go_on_ends_with_a_sentence(run_recipe, files, params, english, danish):  # type: ignore[no-untyped-def]
    for lang, sentence in (("en", english), ("da", danish)):
        ended = run_recipe("transcribe", params, files=files, DKAI_LANG=lang)
        assert ended.code == 1
        assert ended.error.startswith(sentence)
        assert "\n" not in ended.error


def test_finished_recordings_are_not_done_twice(run_recipe, modules):  # type: ignore[no-untyped-def]
    ended = run_recipe("transcribe", files=INTERVIEW)
    first = ended.text("interview.srt")
    (kept,) = (ended.folder / "checkpoint").glob("*.json")
    (ended.folder / "output" / "interview.srt").unlink()
    again = started(ended.folder)
    assert "interview.wav is finished already" in again.stdout
    assert ended.text("interview.srt") == first
    kept.write_text("{half")  # a file that is not whole is done again
    (ended.folder / "params.json").write_text('{"pause": 2.0}')
    again = started(ended.folder)
    assert "already" not in again.stdout


def test_what_a_model_makes_up_is_left_out_or_marked(modules):  # type: ignore[no-untyped-def]
    (guards,) = modules("transcribe", "guards")
    spoken = [(0.0, 10.0), (20.0, 30.0)]
    segment = guards.Segment
    kept, left_out = guards.guarded(
        [
            segment(0, 3, " Det er sagt tydeligt. ", (0.9, 0.95, 0.9, 0.85)),
            segment(3, 6, "Mumlen", (0.2,)),
            segment(12, 18, "Danske tekster af Nogen Nogensen", (0.9,)),  # nobody speaks there
            segment(20, 22, "ja", (0.9,)), segment(22, 24, "Ja.", (0.9,)), segment(24, 26, "ja", (0.9,)),
            segment(26, 28, "det er det er det er det er godt", (0.9,)),
            segment(28, 29, "Undertekster af Amara.org", (0.9,)),
            segment(29, 30, "   "),
        ],
        spoken, 0.5, None,
    )  # fmt: skip
    assert left_out == 1
    assert [p.doubts for p in kept] == [
        (), ("doubt-unsure",), (), (), ("doubt-repeats",), ("doubt-repeats",), ("doubt-credits",),
    ]  # fmt: skip
    assert kept[0].text == "Det er sagt tydeligt."
    assert kept[0].confidence == 0.9
    joined = guards.merged(
        [guards.Passage(0, 1, 0, "a"), guards.Passage(1.2, 2, 0, "b"), guards.Passage(2, 3, 1, "c")], 1
    )
    assert [(p.text, p.channel) for p in joined] == [("a b", 0), ("c", 1)]


def test_pips_cuda_libraries_are_found_in_order(modules, tmp_path):  # type: ignore[no-untyped-def]
    (libraries,) = modules("transcribe", "cuda_libraries")
    names = ["cudnn/lib/libcudnn.so.9", "cublas/lib/libcublas.so.12", "cudnn/lib/libcudnn_ops.so.9",
             "cublas/lib/libcublasLt.so.12", "cublas/lib/libcublas.so.11"]  # fmt: skip
    for name in names:
        file = tmp_path / "nvidia" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"no library")
    found = libraries.library_files(["", str(tmp_path), str(tmp_path / "none")])
    assert [file.name for file in found] == [
        "libcublasLt.so.12", "libcublas.so.12", "libcudnn.so.9", "libcudnn_ops.so.9",
    ]  # fmt: skip
    assert libraries.load() == []  # nothing here that could be loaded, and no complaint


def test_the_model_is_asked_as_its_library_has_it(run_recipe, tmp_path):  # type: ignore[no-untyped-def]
    """The whole engine against a stand-in with faster-whisper's names; the words reach the files and not the log."""
    fake = tmp_path / "fake"
    (fake / "faster_whisper").mkdir(parents=True)
    (fake / "ctranslate2.py").write_text("def get_cuda_device_count():\n    return 1\n")
    (fake / "faster_whisper" / "__init__.py").write_text(
        "from types import SimpleNamespace as N\n"
        "class WhisperModel:\n"
        "    def __init__(self, name, device, compute_type):\n"
        "        assert (name, device, compute_type) == ('large-v3', 'cuda', 'float16')\n"
        "    def transcribe(self, audio, **options):\n"
        "        assert options['language'] == 'da' and options['word_timestamps'] and options['vad_filter']\n"
        "        w = [N(start=4.0, end=4.5, word=' hemmeligt', probability=0.9)]\n"
        "        s = [N(start=4.0, end=6.0, text=' hemmeligt', words=w, no_speech_prob=0.1, compression_ratio=1.0),\n"
        "             N(start=14.5, end=15.0, text=' opdigtet', words=[], no_speech_prob=0.1, compression_ratio=1.0)]\n"
        "        return iter(s), N(language='da', language_probability=0.98)\n"
    )
    (fake / "faster_whisper" / "audio.py").write_text(
        "def decode_audio(path, sampling_rate, split_stereo):\n"
        "    assert sampling_rate == 16000\n"
        "    return (1, 2) if split_stereo else 1\n"
    )
    ended = run_recipe("transcribe", {"engine": "whisper"}, files=INTERVIEW, PYTHONPATH=str(fake))
    assert ended.code == 0, ended.error
    found = ended.json("results.json")
    assert found["transcribed"] is True
    assert found["recordings"][0]["language"] == "da"
    assert found["recordings"][0]["left_out_without_speech"] == 3  # once in the second channel, and both in the first
    assert "Speaker 2: hemmeligt" in ended.text("interview.txt")
    words = ended.json("interview.words.json")["words"]
    assert words[0] == {"start": 4.0, "end": 4.5, "word": "hemmeligt", "probability": 0.9, "channel": 0}
    for open_to_all in (ended.said, ended.text("report.html"), ended.text("results.json")):
        assert "hemmeligt" not in open_to_all
        assert "opdigtet" not in open_to_all


def test_both_languages_say_the_same_things(modules):  # type: ignore[no-untyped-def]
    (texts,) = modules("transcribe", "texts")
    for key, (danish, english) in texts.TEXTS.items():
        assert set(re.findall(r"{(\w+)}", danish)) == set(re.findall(r"{(\w+)}", english)), key
        assert danish.strip(), key
        assert english.strip(), key
        assert '"' not in danish, key
