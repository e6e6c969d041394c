"""Grammar: words that only hold a sentence together, which nobody asks for alone."""

import re
from collections.abc import Callable

from language import indonesian
from language.scripts import fold_word

# (word, the word before it) -> whether it is grammar there.
_JUDGES: dict[str, Callable[[str, str], bool]] = {
    "id": indonesian.only_grammar,
    "ms": indonesian.only_grammar,
}
_BEFORE = re.compile(r"([^\W\d_]+)\s+\Z")
_FAR_ENOUGH = 40


def only_grammar(text: str, start: int, end: int, lang: str) -> bool:
    """Whether text[start:end) is one word that only holds its sentence together: `dalam` (in), but not in `di dalam`.

    A rule that finds nothing else has found nothing: the word stands in every article. Full-text searches leave such
    words out (PostgreSQL's stop words); here they still count inside phrases and beside other words.
    """
    judge = _JUDGES.get(lang)
    if judge is None:
        return False
    before = _BEFORE.search(text, max(0, start - _FAR_ENOUGH), start)
    return judge(fold_word(text[start:end]), fold_word(before.group(1)) if before else "")
