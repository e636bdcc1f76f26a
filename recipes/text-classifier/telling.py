"""The words that speak most for each class, among those that at least five texts hold: a rarer one may be a name."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from language import DANISH, ENGLISH
from models import WORD, fitted
from words import SMALL

WORDS = 10


def telling_words(texts: Sequence[str], y: np.ndarray, classes: int, seed: int) -> list[list[str]]:
    """Up to ten words for each class, the most telling first; small words are left out."""
    vectorizer = TfidfVectorizer(
        token_pattern=WORD, min_df=SMALL, sublinear_tf=True, stop_words=sorted(DANISH | ENGLISH)
    )
    try:
        features = vectorizer.fit_transform(texts)
    except ValueError:  # no word stands in so many texts
        return [[] for _ in range(classes)]
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=2000, random_state=seed)
    fitted(model, features, y)
    weights = model.coef_ if classes > 2 else np.vstack([-model.coef_[0], model.coef_[0]])
    names = vectorizer.get_feature_names_out()
    return [[str(names[at]) for at in np.argsort(-row, kind="stable")[:WORDS] if row[at] > 0] for row in weights]
