"""Arabic verbs: the stems that the prefixes and endings of a verb are added to, from its principal parts."""

from dataclasses import dataclass

from language.scripts import fold_word

_WEAK = "اوي"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stems:
    """The folded stems of one verb; each takes other endings."""

    plain: str  # he: قال, دعا
    before_consonant: tuple[str, ...]  # I, we: قل(ت), دعو(نا)
    before_vowel: str  # she, they: قال(ت), دع(ت)
    imperfect: tuple[str, ...]  # (ي)قول, (ي)دعو, (ي)دع(ون)


def stems(perfect: str, imperfect: str = "") -> Stems:
    """The stems of the verb with this perfect (قال) and, where its pattern does not give it, imperfect (يقول)."""
    plain = fold_word(perfect)
    present, *others = [fold_word(imperfect)[1:]] if imperfect else _presents(plain)
    if perfect[-1] in "اىي":
        weak = "و" if present[-1] == "و" else "ي"
        return Stems(
            plain=plain,
            before_consonant=(plain[:-1] + weak,),
            before_vowel=plain[:-1],
            imperfect=(present, present[:-1]),
        )
    if len(plain) > 2 and plain[-2] == "ا" and plain[-1] != "ء":
        short = (present[:-2] + present[-1], plain) if present[-2] in _WEAK else ()  # يقل, and passive يقال
        return Stems(
            plain=plain,
            before_consonant=(plain[:-2] + plain[-1],),
            before_vowel=plain,
            imperfect=(present, *short),
        )
    doubled = (plain + plain[-1],) if len(plain) == 2 else ()
    return Stems(
        plain=plain, before_consonant=(plain, *doubled), before_vowel=plain, imperfect=(present, *others)
    )


def _presents(perfect: str) -> tuple[str, ...]:
    """The imperfects without their first letter that the pattern of the perfect allows."""
    if perfect.startswith("است") and len(perfect) > 4:
        return (_with_long_i(perfect[1:]),)
    if perfect.startswith("ا") and len(perfect) > 4:
        return (perfect[1:],)  # انفعل, افتعل: hollow ones keep their alef (يختار)
    if perfect.startswith("ا") and len(perfect) == 4:
        return (_with_long_i(perfect[1:]),)  # أعلن, أدان
    if perfect.startswith("و") and len(perfect) == 3:
        return perfect[1:], perfect  # وصل, يصل; وفر, يوفر
    if perfect.startswith("ا") and len(perfect) == 3:
        return perfect, "و" + perfect[1:]  # أكل, يأكل; أكد, يؤكد
    return (perfect,)


def _with_long_i(stem: str) -> str:
    """Forms IV and X turn the alef of hollow verbs into ya: يدين, يستقيل."""
    return stem[:-2] + "ي" + stem[-1] if stem[-2] == "ا" and stem[-1] not in _WEAK else stem
