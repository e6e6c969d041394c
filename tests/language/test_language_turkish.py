"""A Turkish keyword meets its forms, and not the words that only look like them."""

from collections import Counter

import pytest

from language.forms import term_keys, token_keys
from language.scripts import fold_word
from language.turkish_endings import chains

# Keyword: forms that it must meet | near words that it must not.
WORDS = {
    "Irak": "Irakın Iraka Irakta Iraktan Iraktaki Irakla Iraklarda Iraktakiler Iraktır | ırk ırmak İran ırkçı Iraklı",
    "Bağdat": "Bağdatın Bağdata Bağdatta Bağdattan Bağdattaki Bağdatla Bağdattakilerin Bağdatı"
    " | bağ bağdaş bağlantı bağımsız Bağlar",
    "Basra": "Basranın Basraya Basrada Basradan Basradaki Basrayla Basrayı Basradakiler"
    " | bas basın başarı baskı basamak",
    "Musul": "Musulun Musula Musulda Musuldan Musuldaki Musulla Musulu Musuldakiler | mus musluk usul Mustafa mutlu",
    "Erbil": "Erbilin Erbile Erbilde Erbilden Erbildeki Erbille Erbili Erbildekiler | er erik bilgi erbaş Erbakan",
    "Türkiye": "Türkiyenin Türkiyeye Türkiyede Türkiyeden Türkiyedeki Türkiyeyle Türkiyeyi Türkiyedekiler"
    " | Türk türkü türlü turist Türkmen",
    "Kürdistan": "Kürdistanın Kürdistana Kürdistanda Kürdistandan Kürdistandaki Kürdistanla Kürdistanı"
    " Kürdistandakiler | Kürt kurdu Hindistan kürdan kürsü",
    "asker": "askerler askerin askere askerine askerden askerlerin askerlere askerlerden askerimiz"
    " | askeri askı asgari asfalt askeriye",
    "polis": "polisler polisin polise polisi polisten polislerin polislere polisle"
    " | polen politika poliçe posta politik",
    "kitap": "kitabı kitabın kitaba kitaplar kitapta kitaptan kitaplarımızdan kitabında"
    " | kitle katip kira hitap kitabe",
    "ağaç": "ağacın ağaca ağacı ağaçlar ağaçta ağaçtan ağaçların ağacında | ağa ağız ağrı acil ağ",
    "renk": "rengi rengin renge renkler renkte renkten renklerin renginde | renault rende ren erken genel",
    "şehir": "şehri şehrin şehre şehirde şehirler şehirlerin şehrinde şehirden | şer sehpa zehir nehir şerh",
    "nehir": "nehri nehrin nehre nehirde nehirler nehirlerin nehrinde nehirden | nere şehir zehir neden nehiy",
    "oğul": "oğlu oğlun oğlunun oğullar oğulları oğluna oğlunu oğuldan | oğlak oğlan okul boğul oğuz",
    "hak": "hakkı hakkın hakka haklar hakları haklarını hakkını haktan | hakim hakem hakan halk hakiki",
    "saat": "saati saatin saate saatler saatte saatten saatlerde saatlere | sat saadet satır sanat saatçi",
    "savaş": "savaşı savaşın savaşa savaşta savaştan savaşlar savaşlarda savaşında | sav sava yavaş savcı telaş",
    "suç": "suçu suçun suça suçlar suçlarından suçtan suçta suçunu | suçlu su sucuk uç suçsuz",
    "deprem": "depremi depremin depreme depremler depremde depremden depremlerin depreminde"
    " | dep depo derman demir depresyon",
    "silah": "silahı silahın silaha silahlar silahla silahlarını silahtan silahların | silgi siyah sila ilah siluet",
    "hükümet": "hükümeti hükümetin hükümete hükümetler hükümetten hükümette hükümetinin hükümetle"
    " | hüküm hücre hürmet hikmet hürriyet",
    "milis": "milisler milislerin milise milisi milislere milisten milislerden milislerle"
    " | mil millet milli milyon miting",
    "saldırı": "saldırılar saldırının saldırıya saldırıda saldırıdan saldırısı saldırısında saldırılarda"
    " | sal saldırgan saltanat salgın aldırı",
    "gösteri": "gösteriler gösterinin gösteriye gösteride gösteriden gösterisi gösterilerde gösterisinde"
    " | gösterge göstermelik gösterişli göz gösterici",
    "bomba": "bombalar bombanın bombaya bombada bombadan bombası bombalarla bombayla"
    " | bombe bonba Bombay bombok boomerang",
    "patlama": "patlamalar patlamanın patlamaya patlamada patlamadan patlaması patlamasında patlamalarda"
    " | patlak patates patron platform paylama",
    "sorun": "sorunlar sorunun soruna sorunu sorunda sorundan sorunları sorunlarını | soru soruya sor sorgu torun",
    "karar": "kararı kararın karara kararlar kararda karardan kararları kararını | kara kar karı karanlık karargah",
    "bilgi": "bilgiler bilginin bilgiye bilgide bilgiden bilgisi bilgilerini bilgileri | bil bilge bilim bilek ilgi",
    "vali": "valinin valiye valide validen valiler valisi valisinin valilerin | valiz vadi veli valilik validebağ",
    "belediye": "belediyenin belediyeye belediyede belediyeden belediyesi belediyesinin belediyeler belediyelerin"
    " | bel bele bela bedel belge",
    "öldürmek": "öldürdü öldürüldü öldürülen öldürülmesi öldüren öldürüyor öldürecek öldürmüş öldürülenlerin"
    " | oldu öldü olur ölüm ödül",
    "tutuklamak": "tutukladı tutuklandı tutuklanan tutuklanması tutuklayan tutukluyor tutuklayacak tutuklanmış"
    " | tuttu tutku tutar tutkal tutanak",
    "kaçırmak": "kaçırdı kaçırıldı kaçırılan kaçırılması kaçıran kaçırıyor kaçıracak kaçırmış"
    " | kaçtı kaçak kaçıncı kasım kaçamak",
    "yaralamak": "yaraladı yaralandı yaralanan yaralanması yaralayan yaralanmış yaralanacak yaralanıyor"
    " | yarattı yarar yarasa yarın yardım",
    "saldırmak": "saldırdı saldıran saldırıyor saldıracak saldırmış saldırdılar saldıranlar saldırması"
    " | saldı sallandı salım salak sandı",
    "patlamak": "patladı patlayan patlıyor patlayacak patlamış patlatıldı patlaması patlayınca"
    " | parladı platin patikler paket patron",
    "öldür": "öldürdü öldürüldü öldürülen öldürülmesi öldüren öldürüyor öldürecek öldürmüş | oldu öldü olur ölüm ödül",
    "bombalamak": "bombaladı bombalandı bombalanan bombalanması bombalıyor bombalayan bombalayacak bombalamış"
    " | bomba bombe bombacı bol bolca",
    # A verb that the lexicon does not have.
    "tırmalamak": "tırmaladı tırmalandı tırmalanan tırmalayan tırmalayacak tırmalamış tırmalanmış tırmalanması"
    " | tırmandı tırnak tırmık tırpan tarama",
    # Azeri
    "Bakı": "Bakının Bakıya Bakıda Bakıdan Bakını Bakıdakı Bakılar Bakıdadır | bakır balık bak kıyı bakkal",
}
PAIRS = [(keyword, *(part.split() for part in text.split("|"))) for keyword, text in WORDS.items()]


def meets(term: str, written: str, lang: str = "tr") -> bool:
    return bool(term_keys(fold_word(term), lang) & token_keys(fold_word(written), lang))


@pytest.mark.parametrize(("keyword", "forms", "near"), PAIRS)
def test_a_keyword_meets_its_forms_and_no_near_word(keyword: str, forms: list[str], near: list[str]) -> None:
    assert len(forms) >= 8
    assert len(near) >= 5
    assert [word for word in forms if not meets(keyword, word)] == []
    assert [word for word in near if meets(keyword, word)] == []


def test_an_unknown_name_gives_up_its_endings_only_in_harmony() -> None:
    assert meets("Kambur", "Kamburda")
    assert meets("Şermin", "Şerminden")
    assert not meets("Kambar", "Kamberde")
    assert not meets("Şermen", "Şermendan")


def test_azeri_and_turkmen_endings_are_known() -> None:
    assert meets("Irak", "Irakda", "az")
    assert meets("Bagdat", "Bagdatdan", "tk")
    assert meets("Mosul", "Mosuly", "tk")


def test_a_word_without_end_costs_nothing() -> None:
    word = "ma" * 50_000

    assert token_keys(word, "tr") == frozenset({word})


def test_every_chain_of_endings_follows_some_stem() -> None:
    kinds = chains()

    assert all(kinds.values())
    assert Counter(len(chain) for chain in kinds)[1] >= 4
    assert "larindaki" in kinds
    assert "lerindaki" not in kinds
