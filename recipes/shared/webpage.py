"""A report as one HTML page that needs nothing else: pictures inline, no script, nothing from the network."""

import base64
from collections.abc import Callable, Iterable, Sequence
from html import escape

from drawing import Sheet, style
from words import Words

WIDE, NARROW = 760, 360  # units; the page shows the one that fits


def page(words: Words, title: str, body: Iterable[str], footer: str, *, kicker: str = "") -> str:
    """The whole page: a heading, its parts in order (each already HTML), and where the numbers come from."""
    above = f'<p class="kicker">{escape(kicker)}</p>' if kicker else ""
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style('light', 'dark', 'figure', 'page')}</style></head>"
        f"<body><main>{above}<h1>{escape(title)}</h1>{''.join(body)}<footer>{escape(footer)}</footer>"
        "</main></body></html>\n"
    )


def heading(text: str) -> str:
    """A heading inside the page."""
    return f"<h2>{escape(text)}</h2>"


def answer(text: str, lead: str = "") -> str:
    """The conclusion in one sentence, and what it means in a second."""
    return f'<p class="answer">{escape(text)}</p>' + (f'<p class="lead">{escape(lead)}</p>' if lead else "")


def paragraph(text: str, *, soft: bool = False) -> str:
    """A paragraph."""
    return f'<p class="soft">{escape(text)}</p>' if soft else f"<p>{escape(text)}</p>"


def note(text: str) -> str:
    """A warning that must be seen."""
    return f'<p class="note">{escape(text)}</p>'


def listed(items: Iterable[str]) -> str:
    """A list of sentences."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def tiles(items: Iterable[tuple[str, str]]) -> str:
    """A few large figures, each with what it is: (figure, words)."""
    made = (f'<div class="tile"><b>{escape(big)}</b><span>{escape(small)}</span></div>' for big, small in items)
    return f'<div class="tiles">{"".join(made)}</div>'


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = (), wide_only: Sequence[int] = ()
) -> str:
    """A table of texts; columns (from 0) in `numbers` are set flush right, a phone leaves out those in `wide_only`."""
    kinds = ((" n" if at in numbers else "") + (" d" if at in wide_only else "") for at in range(len(heads)))
    looks = [f'class="{kind.strip()}"' if kind else "" for kind in kinds]
    top = "".join(f"<th {look}>{escape(head)}</th>" for head, look in zip(heads, looks, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td {look}>{escape(cell)}</td>" for cell, look in zip(row, looks, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def figure(draw: Callable[[int], Sheet], caption: str) -> str:
    """A drawing made twice, for a wide page and for a phone, with words under it."""
    both = f'<div class="wide">{draw(WIDE).svg()}</div><div class="narrow">{draw(NARROW).svg()}</div>'
    return f"<figure>{both}<figcaption>{escape(caption)}</figcaption></figure>"


def picture(data: bytes, alt: str, caption: str, kind: str = "image/png") -> str:
    """A picture in the page itself."""
    inside = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    image = f'<img src="{inside}" alt="{escape(alt, quote=True)}" style="max-width:100%;height:auto">'
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def quotation(text: str, source: str, *, marked: Iterable[str] = ()) -> str:
    """A passage from the person's own texts and where it stands; the sentences in `marked` are highlighted."""
    inside = escape(text)
    for sentence in marked:
        inside = inside.replace(escape(sentence), f"<mark>{escape(sentence)}</mark>")
    return f"<blockquote><p>{inside}</p><cite>{escape(source)}</cite></blockquote>"


def subheading(text: str) -> str:
    """A heading below a heading."""
    return f"<h3>{escape(text)}</h3>"


def details(summary: str, body: str) -> str:
    """Something that is folded away until asked for; `body` is HTML already."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"
