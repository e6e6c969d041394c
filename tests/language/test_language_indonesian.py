"""An Indonesian or Malay keyword meets its forms, and not the words that only look like them."""

import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from language.forms import term_keys, token_keys
from language.grammar import only_grammar
from language.indonesian_lexicon import lexicon, roots_of

# Keyword: forms that it must meet | near words that it must not.
WORDS = {
    "tembak": "menembak ditembak tertembak menembaki ditembaki menembakkan ditembakkan penembak penembakan tembakan"
    " tembaklah penembaknya | tembaga tombak tebak tembok tembakau menombak",
    "serang": "menyerang diserang terserang penyerang penyerangan serangan serangannya menyerangnya kuserang"
    " berserang | seorang seragam serangga barang terang sarang",
    "bunuh": "membunuh dibunuh terbunuh pembunuh pembunuhan pembunuhnya membunuhnya dibunuhnya bunuhlah"
    " | buluh tubuh butuh membubuh penuh",
    "culik": "menculik diculik terculik penculik penculikan penculiknya penculikannya menculiknya"
    " | cukil balik sulit kulit berbalik",
    "tangkap": "menangkap ditangkap tertangkap penangkap penangkapan tangkapan menangkapnya penangkapannya"
    " | tangkai tangkal tanggap menanggapi lengkap tungkai",
    "tahan": "menahan ditahan tertahan bertahan penahan penahanan tahanan pertahanan penahanannya tahananlah"
    " | tahun tuhan bahan taman lahan",
    "siksa": "menyiksa disiksa tersiksa penyiksa penyiksaan siksaan penyiksaannya menyiksanya"
    " | sisa siska paksa memaksa bahasa",
    "bakar": "membakar dibakar terbakar pembakar pembakaran kebakaran membakarnya pembakarannya"
    " | bakat bahkan akar pakar bakal",
    "ledak": "meledak meledakkan diledakkan ledakan peledak peledakan ledakannya meledaknya"
    " | ledek letak dedak leduk redaksi",
    "usir": "mengusir diusir terusir pengusir pengusiran pengusirannya mengusirnya diusirnya"
    " | pasir usai kikir usia kasir",
    "protes": "memprotes diprotes protesnya pemrotes protesku protesmu proteslah memprotesnya"
    " | protestan proses profesi protein memproses",
    "demonstrasi": "berdemonstrasi demonstrasinya didemonstrasikan mendemonstrasikan demonstrasilah demonstrasiku"
    " demonstrasimu demonstrasipun | demokrasi administrasi demokratisasi registrasi ilustrasi",
    "unjuk": "mengunjuk diunjuk unjuknya terunjuk mengunjukkan diunjukkan pengunjuk unjukan | untuk junjung duduk ujung"
    " rujuk",
    "evakuasi": "mengevakuasi dievakuasi evakuasinya dievakuasikan mengevakuasikan terevakuasi pengevakuasian"
    " evakuasilah | evaluasi mengevaluasi situasi vakansi edukasi",
    "ungsi": "mengungsi pengungsi pengungsian mengungsikan diungsikan pengungsinya ungsikan mengungsilah"
    " | fungsi berfungsi gengsi sanksi ungu",
    "lawan": "melawan dilawan terlawan pelawan perlawanan lawannya melawannya perlawanannya"
    " | lawas awan kawan pahlawan hewan",
    "tuntut": "menuntut dituntut penuntut penuntutan tuntutan tuntutannya menuntutnya tertuntut"
    " | tuntun tumbuh turut tuntas menuntun",
    "lapor": "melapor dilapor melaporkan dilaporkan pelapor pelaporan laporan laporannya terlapor"
    " | lapar kelaparan lampor kapur ekspor",
    "selidik": "menyelidik menyelidiki diselidiki penyelidik penyelidikan penyelidikannya diselidik menyelidikinya"
    " | sedikit didik selisih sidik pendidik",
    "periksa": "memeriksa diperiksa pemeriksa pemeriksaan pemeriksaannya memeriksanya terperiksa periksalah"
    " | perkara paksa perkosa perisa pemaksa",
    "dakwa": "mendakwa didakwa pendakwa dakwaan dakwaannya mendakwanya terdakwa pendakwaan"
    " | dakwah berdakwah duka bahwa kakwa",
    "ancam": "mengancam diancam terancam pengancam pengancaman ancaman ancamannya mengancamnya"
    " | macam semacam bermacam rancang kecam",
    "rusuh": "kerusuhan perusuh merusuh kerusuhannya perusuhnya rusuhnya rusuhlah terusuh"
    " | rusak rumah musuh bermusuhan rusuk",
    "sandera": "menyandera disandera penyandera penyanderaan sanderanya tersandera penyanderanya menyanderanya"
    " | sandar bersandar bendera saudara cedera",
    "milisi": "milisinya milisiku milisimu milisilah milisikah milisipun milisinyalah kemilisian"
    " | polisi militer misi komisi televisi",
    "polisi": "polisinya kepolisian polisilah polisikah kepolisiannya polisiku polisimu polisipun"
    " | posisi oposisi politis polusi milisi",
    "tentara": "tentaranya ketentaraan tentaralah tentarakah tentaraku tentaramu tentarapun ketentaraannya"
    " | sementara antara tetangga perantara utara",
    "senjata": "senjatanya bersenjata persenjataan senjataku mempersenjatai dipersenjatai senjatalah persenjataannya"
    " | sejati senja jelata sendu juta",
    "korban": "korbannya korbanlah korbanku mengorbankan dikorbankan korbankah korbanmu korbanpun"
    " | koran kurban beban korupsi koordinasi",
    "warga": "warganya kewargaan wargaku wargamu wargalah wargakah wargapun warganyalah"
    " | harga keluarga surga dihargai warna",
    "penjara": "penjaranya dipenjara dipenjarakan memenjarakan pemenjaraan penjaralah penjarakah penjarapun"
    " | penjaga penjarah jara penjahat perkara",
    "negara": "negaranya kenegaraan negaraku negaramu negaralah negarakah negarapun kenegaraannya"
    " | negeri segara tenggara bendahara nekara",
    "irak": "iraknya irakkah iraklah irakpun diirak keirak irakmu irakku"
    " | memperkirakan diperkirakan menggembirakan perkiraan kira-kira gerak iran berak",
    "baghdad": "baghdadnya dibaghdad kebaghdad baghdadlah baghdadkah baghdadpun baghdadku baghdadmu"
    " | bagdja badak begadang hadad bagda",
    "pangkalan": "pangkalannya pangkalanlah pangkalankah pangkalanpun pangkalanku pangkalanmu pangkalan2"
    " pangkalannyalah"
    " | pangkal pangkat perangkat bangkai sangkalan",
    "pemerintah": "pemerintahnya pemerintahan pemerintahannya pemerintahlah pemerintahkah pemerintahpun pemerintahku"
    " pemerintah2 | perintah memerintah diperintah perintahnya memerintahkan",
    "perusahaan": "perusahaannya perusahaanlah perusahaanku perusahaanmu perusahaankah perusahaanpun perusahaan2"
    " perusahaannyalah | usaha berusaha pengusaha usahanya mengusahakan",
    "hukum": "hukumnya hukuman hukumannya menghukum dihukum penghukuman terhukum hukumlah"
    " | hutan huruf hubung minum umum",
    "adil": "keadilan keadilannya adilnya mengadili diadili peradilan ketidakadilan seadil teradil"
    " | pengadilan hasil ambil padi andil",
    "merdeka": "kemerdekaan merdekanya memerdekakan kemerdekaannya merdekalah semerdeka merdekakah kemerdekaanku"
    " | mereka meredakan merica neraka pusaka",
    "besar": "terbesar sebesar kebesaran besarnya pembesar besarlah kebesarannya terbesarnya pembesaran"
    " | beras sasar benar gusar pasar membesarkan",
    "kuat": "kekuatan terkuat sekuat kuatnya penguat penguatan kekuatannya terkuatnya"
    " | muat buat luas kuah membuat",
    "sumber": "sumbernya sumberlah sumberku sumbermu sumberkah sumberpun persumberan sumber2"
    " | seumber sumbu lumba sember jumper",
    "undang": "undangan undangannya perundangan undangnya undang2 perundangannya undanganlah undanganku"
    " | mengundang diundang udang bandang kandang",
    "bentuk": "bentuknya pembentuk pembentukan bentukan bentuklah pembentukannya perbentukan bentukku"
    " | membentuk dibentuk bentrok bengkok beruntuk",
    "pilih": "memilih dipilih terpilih pemilih pemilihan pilihan pilihannya pemilihannya pemilihnya"
    " | pulih perih lebih pipih dipulihkan",
    "bebas": "kebebasan terbebas pembebasan membebaskan dibebaskan bebasnya kebebasannya sebebas pembebasannya"
    " | beban batas bekas bebek bebat",
    "minyak": "minyaknya perminyakan minyaklah minyakku minyakmu minyakkah minyakpun perminyakannya"
    " | banyak menyak minum nyak menyikat",
    # Malay
    "polis": "polisnya polislah polisku polismu poliskah polispun kepolisan polis2"
    " | polisi politik pelis polos policy",
    "rakam": "merakam dirakam perakam rakaman perakaman rakamannya merakamnya dirakamnya"
    " | rakan ramal makam raksa redam",
    "siasat": "menyiasat disiasat penyiasat siasatan penyiasatan siasatannya menyiasatnya penyiasatnya"
    " | sasar sesat pesat asas biasa",
    "bantah": "membantah dibantah bantahan pembantah pembantahan terbantah bantahannya membantahnya"
    " | bantu tambah bandah membantu banteng",
}
PAIRS = [(keyword, *(part.split() for part in text.split("|"))) for keyword, text in WORDS.items()]


def meets(term: str, written: str) -> bool:
    return bool(term_keys(term, "id") & token_keys(written, "ms"))


@pytest.mark.parametrize(("keyword", "forms", "near"), PAIRS)
def test_a_keyword_meets_its_forms_and_no_near_word(keyword: str, forms: list[str], near: list[str]) -> None:
    assert len(forms) >= 8
    assert len(near) >= 5
    assert [word for word in forms if not meets(keyword, word)] == []
    assert [word for word in near if meets(keyword, word)] == []


@pytest.mark.parametrize(
    ("verb", "voices"),
    [
        ("menyerang", "diserang menyerangnya"),
        ("ditembak", "menembak ditembaknya"),
        ("mengungkapkan", "diungkapkan ungkapkan diungkapkannya"),
        ("dipukul", "memukul"),
        ("menangkap", "ditangkap"),
        ("mengebom", "dibom"),
    ],
)
def test_a_verb_as_keyword_meets_its_other_voices(verb: str, voices: str) -> None:
    assert all(meets(verb, voice) for voice in voices.split())
    assert not meets(verb, "serangga")


def test_a_verb_as_keyword_does_not_meet_the_nouns_of_its_root() -> None:
    assert not meets("menyerang", "serangan")
    assert not meets("ditembak", "penembakan")


def test_words_that_only_begin_or_end_like_forms_are_left_whole() -> None:
    for word in (
        "adalah",
        "sebelah",
        "setelah",
        "salah",
        "masalah",
        "telah",
        "bulan",
        "makan",
        "ikan",
        "jembatan",
    ):
        whole = frozenset({word})
        assert token_keys(word, "id") == whole, word


def test_a_known_word_is_seen_behind_a_first_part() -> None:
    assert meets("perang", "pascaperang")
    assert meets("pemerintah", "antipemerintahnya")
    assert token_keys("prajurit", "id") == frozenset({"prajurit"})


def test_both_spellings_of_a_loan_meet() -> None:
    assert meets("universitas", "universiti")
    assert meets("aktiviti", "aktivitas")


@pytest.mark.parametrize(
    ("text", "word", "silent"),
    [
        ("Dia tinggal dalam rumah besar.", "dalam", True),
        ("Mereka bersembunyi di dalam rumah.", "dalam", False),
        ("Bantuan bagi pengungsi tiba.", "bagi", True),
        ("Ketegangan antara dua suku naik.", "antara", True),
        ("Warga ditembak tentara.", "ditembak", False),
        ("Masalah dalam negeri.", "dalam negeri", False),
    ],
)
def test_a_word_of_grammar_is_told_from_the_same_word_as_a_noun(text: str, word: str, silent: bool) -> None:
    start = text.index(word)

    assert only_grammar(text, start, start + len(word), "id") is silent


def test_other_languages_have_no_such_words_yet() -> None:
    assert not only_grammar("dalam", 0, 5, "en")


def test_each_root_stands_in_one_place_of_the_lexicon() -> None:
    words = Counter(word for kind in ("events", "acts", "things", "qualities") for word in roots_of(kind))

    assert [word for word, times in words.items() if times > 1] == []
    assert len(words) > 4000
    assert all(word.isascii() and word.isalpha() and word.islower() for word in words)


def test_each_decided_word_leads_to_words_that_are_decided_or_roots() -> None:
    text = (files("language") / "data" / "indonesian" / "forms.toml").read_text(encoding="utf-8")
    decided = tomllib.loads(text)["of"]

    for word, keys in decided.items():
        assert word.isalpha(), word
        assert word not in lexicon().roots, f"{word} is decided in forms.toml and also a root"
        assert all(key.isalpha() for key in keys.split()), word
