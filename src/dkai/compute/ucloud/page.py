"""The steps as a page that needs nothing else, and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from dkai.compute.ucloud.steps import Step, Steps

_NAMES = {"da": "Dansk", "en": "English"}
_STYLE = """
:root { color-scheme: light dark; --text: #1c1c1a; --soft: #5b5b57; --line: #d9d8d3; --back: #fbfaf7; --box: #ffffff;
  --mark: #0b5c8a; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --text: #ecebe6; --soft: #a8a7a1; --line: #3a3a37; --back: #161615;
  --box: #1f1f1d; --mark: #7cc4f0; --warn: #f0c36b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 17px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 1rem 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
.caveat { border-left: 4px solid var(--warn); padding: .2rem 0 .2rem .9rem; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; background: var(--box);
  border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem; margin: 1.4rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
ol { padding-left: 1.6rem; margin: 0; }
li { margin: .55rem 0; padding-left: .2rem; overflow-wrap: anywhere; }
li::marker { color: var(--mark); font-weight: 600; }
code { display: block; margin: .5rem 0; padding: .6rem .8rem; background: var(--box); border: 1px solid var(--line);
  border-radius: 8px; font: 15px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; user-select: all; }
a { color: var(--mark); }
.choice { position: absolute; opacity: 0; }
nav { display: flex; gap: .5rem; }
nav label { padding: .3rem .9rem; border: 1px solid var(--line); border-radius: 99px; cursor: pointer; }
article { display: none; }
#da:checked ~ nav label[for=da], #en:checked ~ nav label[for=en] { border-color: var(--mark); color: var(--mark);
  font-weight: 600; }
#da:focus-visible ~ nav label[for=da], #en:focus-visible ~ nav label[for=en] { outline: 2px solid var(--mark); }
#da:checked ~ article[lang=da], #en:checked ~ article[lang=en] { display: block; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print { article { display: block; break-before: page; } nav { display: none; } }
"""


def page(both: Sequence[Steps]) -> str:
    """`STEPS.html`: every language of `both`, the first one shown. No script, nothing fetched."""
    return "\n".join(_page(both)) + "\n"


def _page(both: Sequence[Steps]) -> Iterator[str]:
    first = both[0]
    yield f'<!doctype html>\n<html lang="{first.language}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield ("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
    yield f"<title>{escape(first.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>"
    for steps in both:
        checked = " checked" if steps is first else ""
        yield f'<input class="choice" type="radio" name="language" id="{steps.language}"{checked}>'
    codes = [steps.language for steps in both]
    yield "<nav>" + "".join(f'<label for="{code}" lang="{code}">{_NAMES[code]}</label>' for code in codes) + "</nav>"
    for steps in both:
        yield from _article(steps)
    yield "</main>\n</body>\n</html>"


def _article(steps: Steps) -> Iterator[str]:
    yield f'<article lang="{steps.language}">\n<h1>{escape(steps.title)}</h1>'
    yield f'<p class="caveat">{escape(steps.caveat)}</p>\n<dl>'
    for name, value in steps.facts:
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    number = 1
    for heading, some in steps.sections:
        yield f'<h2>{escape(heading)}</h2>\n<ol start="{number}">'
        for step in some:
            command = f"<code>{escape(step.command)}</code>" if step.command else ""
            yield f"<li>{_linked(step)}{command}</li>"
        number += len(some)
        yield "</ol>"
    yield "</article>"


def _linked(step: Step) -> str:
    """The words, with its addresses as links."""
    return " ".join(_link(word) for word in step.says.split(" "))


def _link(word: str) -> str:
    if not word.startswith("https://"):
        return escape(word)
    address = word.rstrip(".,)")
    return f'<a href="{escape(address)}">{escape(address)}</a>{escape(word[len(address) :])}'


def text(both: Sequence[Steps]) -> str:
    """`STEPS.md`: the same in Markdown, one language after the other."""
    return "\n".join(line for steps in both for line in _text(steps))


def _text(steps: Steps) -> Iterator[str]:
    yield f"# {_plain(steps.title)}\n"
    yield f"> {_plain(steps.caveat)}\n"
    for name, value in steps.facts:
        yield f"- **{name}:** {_plain(value)}"
    number = 1
    for heading, some in steps.sections:
        yield f"\n## {heading}\n"
        for step in some:
            yield f"{number}. {_plain(step.says)}"
            if step.command:
                yield f"\n       {step.command}\n"
            number += 1
    yield ""


def _plain(words: str) -> str:
    """Without what Markdown would read as its own; names of files and machines keep their underscores."""
    return words.replace("\n", " ").replace("<", "&lt;").replace("`", "'")
