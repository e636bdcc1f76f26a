"""Examples as tokens: the chat template's text, with only the answers to be learned. No torch here.

What is learned is found by taking the template's text without the answer off the whole: what is left is the answer with
the mark that ends it. A template that would not have it so is told, not guessed at.
"""

from collections.abc import Iterable
from typing import Any

from examples import Example

IGNORED = -100  # what torch's cross_entropy leaves out


class TemplateError(Exception):
    """The model's chat template does not begin the whole conversation as it begins the prompt."""


def as_messages(example: Example) -> list[dict[str, str]]:
    """The conversation as chat templates want it."""
    return [{"role": role, "content": text} for role, text in example.turns]


def tokenised(example: Example, tokenizer: Any, longest: int) -> tuple[list[int], list[int]]:
    """Tokens, and what to learn at each place (IGNORED: the prompt). What is over `longest` goes off the prompt."""
    if len(example.turns) == 1:  # plain text: no prompt, no template
        prompt: list[int] = []
        answer = list(tokenizer(example.response, add_special_tokens=False)["input_ids"])
        if tokenizer.eos_token_id is not None:
            answer.append(tokenizer.eos_token_id)
    else:
        messages = as_messages(example)
        before = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
        whole = tokenizer.apply_chat_template(messages, tokenize=False)
        if not whole.startswith(before):
            raise TemplateError
        prompt = list(tokenizer(before, add_special_tokens=False)["input_ids"])
        answer = list(tokenizer(whole[len(before) :], add_special_tokens=False)["input_ids"])
    answer = answer[:longest]
    prompt = prompt[max(0, len(prompt) + len(answer) - longest) :]
    return prompt + answer, [IGNORED] * len(prompt) + answer


def padded(batch: Iterable[tuple[list[int], list[int]]], pad: int) -> tuple[list[list[int]], ...]:
    """Tokens, attention and targets of equal length, filled up on the right."""
    rows = list(batch)
    width = max(len(tokens) for tokens, _ in rows)
    return (
        [tokens + [pad] * (width - len(tokens)) for tokens, _ in rows],
        [[1] * len(tokens) + [0] * (width - len(tokens)) for tokens, _ in rows],
        [wanted + [IGNORED] * (width - len(wanted)) for _, wanted in rows],
    )
