"""Transcription with faster-whisper (Whisper models in CTranslate2; no PyTorch). Written from its version 1.2.1.

Not run on a GPU yet; what can be said without one is in guards.py and tested.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cuda_libraries
from guards import Segment, guarded, merged
from listening import Recording
from sound import Unreadable
from words import CannotGoOn, Words

MODELS = {
    "large-v3": "large-v3",
    "turbo": "turbo",
    "medium": "medium",
    "small": "small",
    "hviske-v3": "syvai/faster-hviske-v3-conversation",
}
RATE = 16_000
CARDS = ("cuda", "float16"), ("cpu", "int8")
DANISH_ONLY = ("hviske-v3",)


class Engine:
    """A loaded model."""

    def __init__(self, model: Any, params: dict[str, Any], device: str, words: Words) -> None:
        self.model, self.params, self.device, self.words = model, params, device, words

    def transcribe(self, path: Path, recording: Recording) -> Recording:
        """The recording with what is said in it. Raises Unreadable."""
        from faster_whisper.audio import decode_audio

        try:
            sounds = decode_audio(str(path), sampling_rate=RATE, split_stereo=recording.separate)
        except Exception as error:  # PyAV's errors are many; one recording must not stop the others
            raise Unreadable(self.words("why-not-decoded", why=str(error)[:200])) from error
        passages, spoken_words, left_out, language, share = [], [], 0, None, None
        for channel, audio in enumerate(sounds if recording.separate else (sounds,)):
            own = channel if recording.separate else None
            spoken = [(p.start, p.end) for p in recording.passages if p.channel == own]
            if not spoken:
                continue
            segments, info = self._said(audio)
            language, share = info.language, round(float(info.language_probability), 3)
            given = []
            for segment in segments:  # the work happens here: faster-whisper gives them one by one
                heard = segment.words or []
                given.append(
                    Segment(
                        float(segment.start),
                        float(segment.end),
                        segment.text,
                        tuple(float(word.probability) for word in heard),
                        float(segment.no_speech_prob),
                        float(segment.compression_ratio),
                    )
                )
                spoken_words += [
                    {
                        "start": round(float(word.start), 2), "end": round(float(word.end), 2),
                        "word": word.word.strip(), "probability": round(float(word.probability), 3), "channel": own,
                    }
                    for word in heard
                ]  # fmt: skip
            kept, dropped = guarded(given, spoken, self.params["unsure"], own)
            passages += kept
            left_out += dropped
        return replace(
            recording,
            passages=tuple(merged(passages, self.params["pause"])),
            words=tuple(sorted(spoken_words, key=lambda word: word["start"])),
            language=language,
            language_share=share,
            left_out=left_out,
            more={"model": self.params["model"], "device": self.device},
        )

    def _said(self, audio: Any) -> tuple[Any, Any]:
        language = None if self.params["language"] == "auto" else self.params["language"]
        return self.model.transcribe(  # type: ignore[no-any-return]
            audio,
            language=language,
            task="transcribe",
            beam_size=5,
            # Each piece by itself: a slip is not carried on into the rest of the recording.
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
            hallucination_silence_threshold=2.0,
        )


def load(params: dict[str, Any], words: Words, say: Callable[[str], None]) -> Engine:
    """The model on the GPU, or on the CPU where there is none. Raises CannotGoOn."""
    if params["model"] in DANISH_ONLY and params["language"] != "da":
        raise CannotGoOn(words("stop-danish-only", model=params["model"]))
    cuda_libraries.load()
    import ctranslate2
    from faster_whisper import WhisperModel

    on_gpu = ctranslate2.get_cuda_device_count() > 0
    device, kind = CARDS[0] if on_gpu else CARDS[1]
    say(words("doing-model", model=params["model"], device="GPU" if on_gpu else "CPU"))
    if not on_gpu:
        say("! " + words("no-gpu"))
    name = params["model_folder"] or MODELS[params["model"]]
    try:
        return Engine(WhisperModel(name, device=device, compute_type=kind), params, device, words)
    except Exception as error:  # network, disk, driver and format each have their own
        raise CannotGoOn(words("stop-model", model=name, why=str(error).splitlines()[0][:300])) from error
