"""French, Spanish, Portuguese and Italian in folded letters: words led back to their singular, verbs to their forms.

Adjectives go back to the man's form; an infinitive as a keyword gains the forms that news uses.
"""

from collections.abc import Callable, Iterator

from language.wordlists import families, heads, words

_SHORTEST = 3
_SHORTEST_VERB = 2
# Endings that have a woman's form of the same word: iraquiano, detenido, agresivo, peligroso, manifestante no.
_GENDERED = ("ano", "ado", "ido", "ivo", "oso", "eno")
_GENDERED_IN_ITALIAN = (*_GENDERED, "ato", "ito", "uto")
_SHORTEST_WOMAN = 6
_VERB_ENDINGS = {
    "fr": {
        "er": "e es ent ait aient a erent era eront erait eraient ant ons ez e es ee ees er",
        "ir": "it issent issait issaient ira iront irait irent issant i is ie ies ir",
        "re": "ent ait aient it irent ra ront rait ant u us ue ues re",
    },
    "es": {
        "ar": "a an aba aban o aron ara aran aria arian ado ada ados adas ando e en ase asen ar arlo arla arlos",
        "er": "e en ia ian io ieron era eran eria erian ido ida idos idas iendo a an er",
        "ir": "e en ia ian io ieron ira iran iria irian ido ida idos idas iendo a an ir",
    },
    "pt": {
        "ar": "a am ava avam ou aram ara arao aria ariam ado ada ados adas ando e em ar",
        "er": "e em ia iam eu eram era erao eria eriam ido ida idos idas endo a am er",
        "ir": "e em ia iam iu iram ira irao iria iriam ido ida idos idas indo a am ir",
    },
    "it": {
        "are": "a ano ava avano o arono era eranno erebbe ato ata ati ate ando i ino are",
        "ere": "e ono eva evano e erono era eranno erebbe uto uta uti ute endo a ano ere",
        "ire": "e ono isce iscono iva ivano i irono ira iranno irebbe ito ita iti ite endo a ano ire",
    },
}  # fmt: skip
Keys = Callable[[str], frozenset[str]]


def token_keys(lang: str) -> Keys:
    """The analyser of written words of one of the four languages."""
    singulars = _SINGULARS[lang]

    def keys(word: str) -> frozenset[str]:
        irregular = heads("european", f"{lang}_forms").get(word, ())
        if len(word) <= _SHORTEST:
            return frozenset((word, *irregular))
        return frozenset((word, *irregular, *singulars(word, words("european", f"{lang}_whole"))))

    return keys


def term_keys(lang: str) -> Keys:
    """The analyser of its keywords."""
    written = token_keys(lang)

    def keys(word: str) -> frozenset[str]:
        irregular = families("european", f"{lang}_forms").get(word, ())
        return frozenset((*written(word), *irregular, *_conjugated(lang, word)))

    return keys


def _conjugated(lang: str, word: str) -> Iterator[str]:
    """The forms of a regular verb; what merely ends like one gets forms that nobody writes."""
    for infinitive, endings in _VERB_ENDINGS[lang].items():
        stem = word.removesuffix(infinitive)
        if stem != word and len(stem) >= _SHORTEST_VERB:
            hard = _softened(lang, stem)
            yield from (hard + e if e[0] in "ei" else stem + e for e in endings.split())
            yield from (stem + e for e in endings.split())


def _softened(lang: str, stem: str) -> str:
    """The stem before e and i, where the sound of c, g and z is kept by another letter (atacar, ataque)."""
    if lang in ("es", "pt") and stem.endswith(("c", "g")):
        return stem[:-1] + ("qu" if stem[-1] == "c" else "gu")
    if lang == "es" and stem.endswith("z"):
        return stem[:-1] + "c"
    if lang == "it" and stem.endswith(("c", "g")):
        return stem + "h"
    return stem


def _french(word: str, whole: frozenset[str]) -> Iterator[str]:
    single = word[:-1] if word.endswith(("s", "x")) and not word.endswith(("ss", "us", "is")) else word
    if single.endswith("eau"):
        yield single
        return
    if word.endswith("aux") and len(word) > 4:
        yield word[:-3] + "al"
    if word in whole or single in whole:
        yield word if word in whole else single
        return
    yield single
    if single.endswith("e") and len(single) > 4:
        yield single[:-1]
        yield _masculine(single[:-1])


def _masculine(stem: str) -> str:
    """A French stem as it ends without e: irakienn as irakien, activ as actif, dangereus as dangereu (of dangereux)."""
    if len(stem) > 4 and stem[-1] == stem[-2] and stem[-1] in "nltsp":
        return stem[:-1]
    if stem.endswith(("iv", "euv")):
        return stem[:-1] + "f"
    if stem.endswith("eus"):
        return stem[:-1]
    return stem.removesuffix("tric") + "teur" if stem.endswith("tric") else stem


def _spanish(word: str, whole: frozenset[str]) -> Iterator[str]:
    for single in _without_s(word):
        yield single
        yield from _as_man(single, whole)


def _without_s(word: str) -> Iterator[str]:
    if not word.endswith("s") or word.endswith(("ss", "us")):
        yield word
        return
    if word.endswith("ces"):
        yield word[:-3] + "z"
    if word.endswith("es") and word[-3] not in "aeou":
        yield word[:-2]
    yield word[:-1]


def _as_man(word: str, whole: frozenset[str], gendered: tuple[str, ...] = _GENDERED) -> Iterator[str]:
    """The man's form of a word in -a."""
    if word in whole or not word.endswith("a"):
        return
    man = word[:-1] + "o"
    if man.endswith(gendered) and man not in whole:
        yield man
    elif word.endswith(("dora", "tora", "sora", "esa", "ola")) and len(word) >= _SHORTEST_WOMAN:
        yield word[:-1]


def _portuguese(word: str, whole: frozenset[str]) -> Iterator[str]:
    found: set[str] = set()
    if word in whole:
        return
    if word.endswith(("oes", "aes", "aos")) and len(word) > 5:
        found.add(word[:-3] + "ao")
    elif word.endswith("ns"):
        found.add(word[:-2] + "m")
    elif word.endswith(("ais", "eis", "ois", "uis")) and len(word) > 4:
        found.add(word[:-2] + "l")
        if word.endswith("eis"):
            found.add(word[:-3] + "il")
    elif word.endswith("is") and len(word) > 4:
        found.add(word[:-1] + "l")
    else:
        found.update(_without_s(word))
    for single in found:
        yield single
        yield from _as_man(single, whole)


def _italian(word: str, whole: frozenset[str]) -> Iterator[str]:
    last, stem = word[-1], word[:-1]
    hard = stem[:-1] if stem.endswith(("ch", "gh")) else stem
    if word in whole:
        return
    if last == "i":
        yield from (hard + "o", stem + "e", stem + "io")
        yield from _as_man(hard + "a", whole, _GENDERED_IN_ITALIAN)
    elif last == "e":
        yield hard + "a"
        yield from _as_man(hard + "a", whole, _GENDERED_IN_ITALIAN)
        if stem.endswith(("c", "g")):
            yield stem + "ia"
        if stem.endswith("i"):
            yield stem + "a"
    elif last == "a":
        yield from _as_man(word, whole, _GENDERED_IN_ITALIAN)


_SINGULARS: dict[str, Callable[[str, frozenset[str]], Iterator[str]]] = {
    "es": _spanish,
    "fr": _french,
    "it": _italian,
    "pt": _portuguese,
}
