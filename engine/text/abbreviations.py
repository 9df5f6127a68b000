"""Words with a full stop that does not end a sentence, and words that begin one; per language.

They mend what sentencex does not know; lower case, without the last full stop.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_LAST: dict[str, frozenset[str]] = {
    "en": _words(
        "dr mr mrs ms prof st rev gen col capt lt sgt sen rep gov hon fr mt messrs vs cf e.g i.e viz fig figs eq ch "
        "pp vol approx ca al nos art jan feb aug sept oct nov dec"
    ),
    "de": _words(
        "dr prof hr hrn fa fr frl med phil jur rer nat ing dipl st z.b d.h u.a i.d.r s.o s.u o.ä u.ä bzw vgl ca nr bd "
        "abs abb tab kap str sog geb gest ggf evtl inkl exkl zzgl bspw z d i u s o max min mind art ziff jh jhd aufl "
        "hrsg tel"
    ),
    "fr": _words(
        "m mm mme mmes mlle mlles me mgr dr drs pr prof st ste sts av bd env p pp art cf chap fig tél vol éd j.-c "
        "p.ex n no c.-à-d c.à.d max min ex réf trad"
    ),
    "es": _words(
        "sr sra srta sres sras d dña d.ª ud uds dr dra prof profa lic ing arq av avda c pág págs p pp núm núms nº art "
        "cap fig tel p.ej ej aprox vol ee depto gral cnel gdor fco mª sto sta"
    ),
    "it": _words(
        "sig sigg sig.ra sig.na sig.ri dott dott.ssa dr prof prof.ssa avv ing arch geom rag on sen gen col cap mons s "
        "ss san art pag pagg p pp fig es p.es ca n nn vol tel cfr tav fam v"
    ),
    "pt": _words(
        "sr sra srs sras srta dr dra drs prof profa d dom eng arq exmo exma ilmo v exa av r pág págs p pp n núm art "
        "cap fig tel ex p.ex aprox vol sto sta gen cel min máx cf"
    ),
    "nl": _words(
        "dhr mevr mw mej dr drs ir ing mr prof st bijv b.v bv d.w.z o.a m.n i.p.v t.a.v t.o.v n.a.v m.b.t i.v.m e.d "
        "a.u.b m.a.w t.g.v z.g ca nr nrs blz pag p art fig tel afb hfst max min resp incl excl vgl ds"
    ),
    "pl": _words(
        "np tzw tzn m.in ul al pl os św prof hab inż doc hr ks gen płk mjr kpt por godz ok nr s str rys tab zob im "
        "tel wg dz u ww p t tj red wyd pt zw maks min ds dyr dr"
    ),
    "ru": _words(
        "т.е т.к т.н т.ч т г-н г-жа гр ул пр просп пл пер д кв стр с гл рис табл см ср напр им проф акад доц тов св "
        "тел руб коп тыс млн млрд о-в н до н.э обл ок р"
    ),
    "ar": _words("د أ م ص ج هـ أ.د ق.م ص.ب ت ط ب"),
    "ko": _words("dr mr mrs ms prof no vs"),
}
"""Titles, units and the like: no sentence ends after one."""

ALSO_LAST: dict[str, frozenset[str]] = {
    "en": _words("etc"),
    "de": _words("usw etc usf"),
    "fr": _words("etc"),
    "es": _words("etc"),
    "it": _words("ecc etc"),
    "pt": _words("etc"),
    "nl": _words("enz etc"),
    "pl": _words("itd itp etc"),
    "ru": _words("т.д т.п др"),
    "ar": _words("إلخ الخ"),
}
"""Before a capital letter, a sentence ends here."""

FIRST_WORDS: dict[str, frozenset[str]] = {
    "en": _words(
        "the a an this that these those he she it we they you i his her its our their my there then but and so if "
        "when what who how why in on at as for after before not no yes"
    ),
    "de": _words(
        "der die das ein eine er sie es wir ihr ich man dies diese dieser dieses dann da dort doch aber und so wenn "
        "was wer wie warum in im am an auf bei nach vor mit zu zum seit als auch nicht nur kein keine ja nein heute "
        "sein seine ihre alle"
    ),
    "fr": _words(
        "le la les un une des il elle on nous vous ils elles je tu ce c'est cette ces mais et puis donc or si quand "
        "que qui pourquoi dans en à au pour par avec sans son sa ses l'on j'ai oui non"
    ),
    "es": _words(
        "el la los las un una él ella ellos yo tú nosotros esto este esta eso pero y luego entonces si cuando qué "
        "quién cómo por para en con sin su sus no sí hay era es se"
    ),
    "it": _words(
        "il lo la i gli le un una egli lui lei noi voi loro io tu questo questa ma e poi quindi se quando che chi "
        "perché in nel per con senza suo sua non sì è era si"
    ),
    "pt": _words(
        "o a os as um uma ele ela eles elas eu tu nós você isto este esta isso mas e depois então se quando que quem "
        "por para em no na com sem seu sua não sim é era"
    ),
    "nl": _words(
        "de het een hij zij ze we wij jij je ik dit dat deze die maar en toen dan dus als wanneer wat wie hoe waarom "
        "in op bij na voor met zijn haar er daar niet geen ja nee ook"
    ),
    "pl": _words(
        "to ten ta te on ona ono oni my wy ja ale i a potem więc jeśli gdy kiedy co kto jak dlaczego w we na po przed "
        "z ze dla nie tak był była było jego jej jest"
    ),
    "ru": _words(
        "он она оно они мы вы ты я это этот эта эти но и а затем потом если когда что кто как почему в во на по с со "
        "для не да нет его её их там тогда был была было"
    ),
}
"""Frequent first words of a sentence: before one of them even an initial or "U.S." ends a sentence."""
