"""Mojibake is seen for what it is, and never in real text."""

import pytest

from spiders.readers.mojibake import is_garbled, told_back

REAL = (
    "إصابة جنديين بانفجار عبوة ناسفة قرب كركوك",
    "ط ظ ع غ: حروف",
    "خۆپیشاندەران گەڕانەوە بۆ گۆڕەپانی تەحریر لە بەغدا",
    "بارش شدید باران در استان‌های جنوبی کشور",
    "Kerkük’te yaşayan Türkmenler için yeni okul açıldı",
    "Li Hewlêrê xwepêşandana mezin a karkerên şaredariyê",
    "ܡܠܟܐ ܕܐܬܘܪ ܒܢܐ ܡܕܝܢܬܐ ܪܒܬܐ",
    "Взрыв в Багдаде: число жертв растёт, МВД и ФСБ молчат",
    "Сінгапур: новий уряд",
    "Đường phố đã ngập sâu ở nhiều nơi",
    "Ångström, Æsir og Øl",
    "«L’été à Bagdad» : déjà trente-huit degrés",
    "Really??? Who knows?? 100 % — “yes”",
    "What?",
    "???",
    "iPhone и eBay подорожали, но НЕТ паники",
    "",
)
TAKEN_FOR = ("cp1252", "latin-1", "cp1256", "cp1251", "cp1250", "cp1254", "koi8_r", "mac_roman")


def taken_for(text: str, name: str, was: str = "utf-8") -> str:
    return "".join(bytes([byte]).decode(name, "ignore") or chr(byte) for byte in text.encode(was))


@pytest.mark.parametrize("text", REAL)
def test_real_text_is_never_garbled(text: str):
    assert not is_garbled(text)
    assert told_back(text) is None


@pytest.mark.parametrize("name", TAKEN_FOR)
@pytest.mark.parametrize("text", [REAL[0], REAL[2], REAL[3], REAL[4], REAL[6], REAL[7]])
def test_utf_8_taken_for_another_encoding_is_garbled_and_told_back(text: str, name: str):
    garbled = taken_for(text, name)

    assert is_garbled(garbled)
    back = told_back(garbled)
    assert back
    assert back[0] == text


@pytest.mark.parametrize(
    ("text", "was", "name"),
    [
        (REAL[0], "cp1256", "cp1252"),
        (REAL[0], "cp1256", "latin-1"),
        (REAL[0], "cp1256", "iso8859-2"),
        (REAL[0], "cp1256", "cp1254"),
        (REAL[0], "cp1256", "cp1251"),
        (REAL[7], "koi8_r", "cp1251"),
        (REAL[7], "cp1251", "koi8_r"),
        (REAL[7], "cp1251", "cp1252"),
        (REAL[7], "koi8_r", "cp1252"),
    ],
)
def test_single_bytes_taken_for_other_letters_are_garbled(text: str, was: str, name: str):
    assert is_garbled(taken_for(text, name, was))


@pytest.mark.parametrize(
    "text",
    [
        "????? ?????? ?? ??????",
        "????? ?????: ??? ?? ?????? 2026",
        "\ufffd\ufffd\ufffd\ufffd \ufffd\ufffd\ufffd وسط",
        "إصا\ufffd\ufffd\ufffd\ufffd\ufffdجن",
    ],
)
def test_letters_lost_to_signs_are_garbled(text: str):
    assert is_garbled(text)


def test_a_dash_gone_wrong_spoils_no_sentence_and_is_told_back():
    sentence = "Thirteen states formed a weak government â€” with Congress â€“ and nothing else to go by"

    assert not is_garbled(sentence)
    assert told_back(sentence) == (sentence.replace("â€”", "—").replace("â€“", "–"), "cp1252")


def test_one_good_word_among_many_is_left_as_it_is():
    quoted = "The word Ã© means é in broken text, and à, ü, ö, ñ, ş, ğ are letters"

    assert told_back(quoted) is None
