"""Recordings of interviews: what is in them, and (with a model) what is said, as files a researcher can work in.

Reads ./params.json and the recordings in ./input/, writes ./output/, and keeps what is finished in ./checkpoint/.
The engine `check` listens for speech only: no model, no words. The engine `whisper` transcribes on the machine it
runs on. What is said is written to the result files and never to the log.
"""

import time
from typing import Any

import task
from texts import TEXTS
from words import CannotGoOn, Words

VERSION = "1.0"
ENDINGS = (".wav", ".mp3", ".m4a", ".mp4", ".flac", ".ogg", ".opus", ".aac", ".wma", ".mov", ".mkv", ".webm")
DEFAULTS: dict[str, Any] = {
    "engine": "check",
    "model": "large-v3",
    "model_folder": None,
    "language": "da",
    "channels": "auto",
    "speakers": None,
    "pause": 1.0,
    "unsure": 0.5,
}
CHOICES = {
    "engine": ("check", "whisper"),
    "model": ("large-v3", "turbo", "medium", "small", "hviske-v3"),
    "language": ("da", "en", "sv", "no", "de", "fr", "es", "nl", "pl", "uk", "ar", "auto"),
    "channels": ("auto", "separate", "together"),
}
RANGES = {"pause": (0.2, 5.0), "unsure": (0.0, 1.0)}


def work(words: Words) -> None:
    """Listen to every recording, transcribe it where that is asked for, and write the files and the report."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    files = task.input_files(ENDINGS, words)
    import finished
    import page
    import results
    from listening import listen
    from sound import Unreadable

    engine = None
    if params["engine"] == "whisper":
        import engine_whisper

        engine = engine_whisper.load(params, words, task.say)
    done, failed = [], {}
    names = results.names(files, task.INPUT)
    for number, path in enumerate(files, 1):
        shown = path.relative_to(task.INPUT).as_posix()
        try:
            mark = finished.mark(path, params, VERSION)
            recording = finished.read(mark)
            if recording is not None:
                task.say(words("doing-kept", n=number, of=len(files), file=shown))
            else:
                task.say(words("doing-file", n=number, of=len(files), file=shown))
                recording = listen(path, shown, params, words)
                if engine is not None:
                    recording = engine.transcribe(path, recording)
                finished.keep(mark, recording)
        except (Unreadable, OSError) as error:
            failed[shown] = str(error) if isinstance(error, Unreadable) else error.strerror or str(error)
            task.say("! " + words("file-failed", file=shown, why=failed[shown]))
            continue
        results.write_files(names[path], recording, params, words)
        done.append(recording)
    if not done:
        raise CannotGoOn(words("stop-none", why="; ".join(f"{file}: {why}" for file, why in failed.items())))
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    found = results.summary(done, failed, params, VERSION, made, words)
    task.write_json("results.json", found, words)
    task.write("report.html", page.report(done, failed, found, params, words), words)
    task.say("")
    task.say(found["verdict"])
    task.say(words("done"))


if __name__ == "__main__":
    task.run(work, TEXTS)
