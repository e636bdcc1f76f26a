"""The catalogue's fixed words – tasks, disciplines, phases and the like – in the language in use."""

from __future__ import annotations

from functools import cache

from dkai.core.i18n import en_and_da, language

# The same in both languages.
_NAMES = {
    "android": "Android",
    "cpu": "CPU",
    "cuda": "CUDA (NVIDIA)",
    "dkai": "dkai",
    "ffmpeg": "ffmpeg",
    "ios": "iOS",
    "java": "Java",
    "javascript": "JavaScript",
    "julia": "Julia",
    "linux": "Linux",
    "macos": "macOS",
    "matlab": "MATLAB",
    "mps": "MPS (Apple)",
    "python": "Python",
    "pytorch": "PyTorch",
    "r": "R",
    "rocm": "ROCm (AMD)",
    "transformers": "Transformers",
    "windows": "Windows",
    "xpu": "XPU (Intel)",
}


# What courses train and tools take for granted.
COMPETENCES = (
    "ai-basics",
    "genai-basics",
    "prompting",
    "verify-output",
    "ai-in-research-work",
    "ai-assisted-coding",
    "data-management",
    "data-protection",
    "statistics",
    "programming",
    "machine-learning",
    "deep-learning",
    "nlp-llm",
    "hpc-gpu",
    "mlops",
    "research-software",
    "ethics-fairness",
    "law-rights",
    "research-integrity",
    "sustainability",
    "teaching-with-ai",
    "ai-strategy",
    "model-evaluation",
)


def label(word: str) -> str:
    """The word as a reader of the language in use would say it; a word that has no name here is shown as it is."""
    if word in _NAMES:
        return _NAMES[word]
    names = _labels().get(word)
    return names[language()] if names else word.replace("-", " ")


def has_label(word: str) -> bool:
    """Whether there is a name for the word."""
    return word in _NAMES or word in _labels()


def word_for(text: str) -> str:
    """The catalogue's word for what a person wrote: the word itself, or its name in either language."""
    wanted = " ".join(text.split()).lower()
    for word, names in _labels().items():
        if wanted in (names["da"].lower(), names["en"].lower()):
            return word
    return wanted.replace(" ", "-")


@cache
def _labels() -> dict[str, dict[str, str]]:
    return {
        "active-learning": en_and_da("active learning"),
        "annotation": en_and_da("annotation"),
        "audio-analysis": en_and_da("audio analysis"),
        "bioacoustics": en_and_da("bioacoustics"),
        "cell-segmentation": en_and_da("cell segmentation"),
        "classification": en_and_da("classification"),
        "clustering": en_and_da("clustering"),
        "coding": en_and_da("programming help"),
        "complexes": en_and_da("molecular complexes"),
        "danish-speech": en_and_da("Danish speech"),
        "data-analysis": en_and_da("data analysis"),
        "data-extraction": en_and_da("data extraction"),
        "dataset-building": en_and_da("building data sets"),
        "digitisation": en_and_da("digitisation"),
        "embeddings": en_and_da("embeddings"),
        "general-assistant": en_and_da("general assistant"),
        "geodata": en_and_da("geodata"),
        "handwriting-recognition": en_and_da("handwriting recognition"),
        "image-segmentation": en_and_da("image segmentation"),
        "language-identification": en_and_da("language identification"),
        "ligands": en_and_da("ligands"),
        "literature-search": en_and_da("literature search"),
        "local-llm": en_and_da("local language models"),
        "medical-image-segmentation": en_and_da("medical image segmentation"),
        "microscopy": en_and_da("microscopy"),
        "model-evaluation": en_and_da("model evaluation"),
        "model-training": en_and_da("model training"),
        "nucleic-acids": en_and_da("nucleic acids"),
        "ocr": en_and_da("text recognition (OCR)"),
        "office-work": en_and_da("office work"),
        "organ-volumetry": en_and_da("organ volumes"),
        "protein-structure": en_and_da("protein structure"),
        "qualitative-interviews": en_and_da("qualitative interviews"),
        "regression": en_and_da("regression"),
        "remote-sensing": en_and_da("remote sensing"),
        "screening": en_and_da("screening of references"),
        "search-in-own-files": en_and_da("search in own files"),
        "sequence-search": en_and_da("sequence search"),
        "speaker-diarisation": en_and_da("telling speakers apart"),
        "species-identification": en_and_da("species identification"),
        "speech-translation": en_and_da("speech translation"),
        "summarising": en_and_da("summarising"),
        "systematic-review": en_and_da("systematic review"),
        "tabular-prediction": en_and_da("prediction from tables"),
        "text-analysis": en_and_da("text analysis"),
        "text-generation": en_and_da("text generation"),
        "topic-modelling": en_and_da("topic modelling"),
        "transcription": en_and_da("transcription"),
        "translation": en_and_da("translation"),
        "visualisation": en_and_da("visualisation"),
        "all": en_and_da("all disciplines"),
        "agriculture": en_and_da("agriculture"),
        "archaeology": en_and_da("archaeology"),
        "archives": en_and_da("archives"),
        "chemistry": en_and_da("chemistry"),
        "ecology": en_and_da("ecology"),
        "economics": en_and_da("economics"),
        "education": en_and_da("education"),
        "environmental-science": en_and_da("environmental science"),
        "geoscience": en_and_da("geoscience"),
        "health": en_and_da("health"),
        "history": en_and_da("history"),
        "humanities": en_and_da("humanities"),
        "life-science": en_and_da("life science"),
        "linguistics": en_and_da("linguistics"),
        "media": en_and_da("media studies"),
        "medicine": en_and_da("medicine"),
        "political-science": en_and_da("political science"),
        "social-science": en_and_da("social science"),
        "urban-studies": en_and_da("urban studies"),
        "planning": en_and_da("planning"),
        "literature": en_and_da("literature"),
        "collection": en_and_da("collection"),
        "preparation": en_and_da("preparation"),
        "analysis": en_and_da("analysis"),
        "modelling": en_and_da("modelling"),
        "writing": en_and_da("writing"),
        "publication": en_and_da("publication"),
        "dissemination": en_and_da("dissemination"),
        "teaching": en_and_da("teaching"),
        "archiving": en_and_da("archiving"),
        "account": en_and_da("an account"),
        "annotated-images": en_and_da("annotated images"),
        "container": en_and_da("a container"),
        "google-account-for-colab": en_and_da("a Google account for Colab"),
        "internet-for-installation": en_and_da("internet for the installation"),
        "network": en_and_da("internet"),
        "network-for-first-download": en_and_da("internet for the first download"),
        "reference-export": en_and_da("an export of your references"),
        "sequence-databases": en_and_da("sequence databases"),
        "work-account": en_and_da("an account from your institution"),
        "api": en_and_da("API"),
        "cli": en_and_da("command line"),
        "desktop": en_and_da("desktop program"),
        "local-web": en_and_da("browser, on your own machine"),
        "mobile": en_and_da("mobile app"),
        "notebook": en_and_da("notebook"),
        "plugin": en_and_da("plug-in"),
        "web": en_and_da("website"),
        "web-demo": en_and_da("demo on the web"),
        "model": en_and_da("model"),
        "software": en_and_da("software"),
        "service": en_and_da("service"),
        "library": en_and_da("library"),
        "platform": en_and_da("platform"),
        "independent": en_and_da("independent"),
        "authors": en_and_da("by its makers"),
        "vendor": en_and_da("by the vendor"),
        "users": en_and_da("by users"),
        "ai-basics": en_and_da("what AI is"),
        "genai-basics": en_and_da("how generative AI works"),
        "prompting": en_and_da("asking AI well"),
        "verify-output": en_and_da("checking AI's answers"),
        "ai-in-research-work": en_and_da("AI in research work"),
        "ai-assisted-coding": en_and_da("programming with AI"),
        "data-management": en_and_da("data management"),
        "data-protection": en_and_da("data protection"),
        "statistics": en_and_da("statistics"),
        "programming": en_and_da("programming"),
        "machine-learning": en_and_da("machine learning"),
        "deep-learning": en_and_da("deep learning"),
        "nlp-llm": en_and_da("language models"),
        "hpc-gpu": en_and_da("clusters and GPUs"),
        "mlops": en_and_da("running models"),
        "research-software": en_and_da("research software"),
        "ethics-fairness": en_and_da("ethics and fairness"),
        "law-rights": en_and_da("law and rights"),
        "research-integrity": en_and_da("research integrity"),
        "sustainability": en_and_da("AI's climate footprint"),
        "teaching-with-ai": en_and_da("teaching with AI"),
        "ai-strategy": en_and_da("planning AI in a group"),
    }
