"""Models with random weights and a vocabulary of a few hundred words, laid where the real ones would be cached.

    python tiny_models.py HF_HOME encoder|causal|sentences NAME@REVISION
    python tiny_models.py FOLDER whisper .

With them a recipe's GPU way runs in every line where PyTorch is, fetching nothing. What they answer is noise:
these runs show that the way works, not that the model is any good.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
CHAT = (
    "{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant: {% endif %}"
)


def place(home: Path, name: str) -> Path:
    """The folder in which the hub's client looks for the model `name@revision`."""
    name, _, revision = name.partition("@")
    revision = revision or "0" * 40
    top = home / "hub" / f"models--{name.replace('/', '--')}"
    snapshot = top / "snapshots" / revision
    snapshot.mkdir(parents=True, exist_ok=True)
    (top / "refs").mkdir(exist_ok=True)
    (top / "refs" / "main").write_text(revision)
    return snapshot


def tokenizer(folder: Path) -> Any:
    """Byte-level BPE over nothing but bytes: every text can be written in it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = pre_tokenizers.ByteLevel.alphabet()
    vocabulary = {word: at for at, word in enumerate([*SPECIAL, *sorted(letters)])}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    whole = PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
        mask_token="<mask>", cls_token="<s>", sep_token="</s>", model_max_length=512, chat_template=CHAT,
    )  # fmt: skip
    whole.save_pretrained(folder)
    return whole


def encoder(folder: Path) -> None:
    """An XLM-RoBERTa of two layers."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(1)
    words = tokenizer(folder)
    shape = XLMRobertaConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=520, pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    XLMRobertaModel(shape).save_pretrained(folder)


def causal(folder: Path) -> None:
    """A Llama of two layers."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    words = tokenizer(folder)
    shape = LlamaConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
        intermediate_size=64, max_position_embeddings=8192, pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(folder)


def sentences(folder: Path) -> None:
    """A sentence embedder over the encoder."""
    from sentence_transformers import SentenceTransformer, models

    inner = folder / "inner"
    inner.mkdir()
    encoder(inner)
    base = models.Transformer(str(inner))
    SentenceTransformer(modules=[base, models.Pooling(32)]).save(str(folder))


def whisper(folder: Path) -> None:
    """A Whisper of one layer with the languages and time marks of the real one, converted for CTranslate2."""
    import json

    import torch
    from ctranslate2.converters import TransformersConverter
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(1)
    marks = [
        "<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in _LANGUAGE_CODES), "<|translate|>",
        "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
        *(f"<|{at * 0.02:.2f}|>" for at in range(1501)),
    ]  # fmt: skip
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    # CTranslate2 tells a multilingual model by the size of its vocabulary: words that nobody says fill it up.
    more = [f"unsaid{at}" for at in range(51_865 - len(letters) - len(marks))]
    made = Tokenizer(models.BPE(vocab={word: at for at, word in enumerate([*letters, *more])}, merges=[]))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    made.add_special_tokens(marks)
    of = made.token_to_id
    end = of("<|endoftext|>")
    shape = WhisperConfig(
        vocab_size=made.get_vocab_size(), d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=80, bos_token_id=end,
        eos_token_id=end, pad_token_id=end, decoder_start_token_id=of("<|startoftranscript|>"), suppress_tokens=[],
        begin_suppress_tokens=[],
    )  # fmt: skip
    model = WhisperForConditionalGeneration(shape)
    model.generation_config.alignment_heads = [[0, 0]]
    model.generation_config.lang_ids = [of(f"<|{code}|>") for code in _LANGUAGE_CODES]
    model.generation_config.no_timestamps_token_id = of("<|notimestamps|>")
    inner = folder / "inner"
    model.save_pretrained(inner)
    PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|endoftext|>", unk_token="<|endoftext|>"
    ).save_pretrained(inner)
    settings = {
        "feature_size": 80, "feature_extractor_type": "WhisperFeatureExtractor", "sampling_rate": 16_000,
        "hop_length": 160, "n_fft": 400, "chunk_length": 30,
    }  # fmt: skip
    (inner / "preprocessor_config.json").write_text(json.dumps(settings))
    copied = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(inner), copy_files=copied).convert(str(folder / "whisper"), force=True)


MAKERS = {"encoder": encoder, "causal": causal, "sentences": sentences, "whisper": whisper}

if __name__ == "__main__":
    home, kind, name = sys.argv[1:]
    MAKERS[kind](Path(home) if name == "." else place(Path(home), name))
