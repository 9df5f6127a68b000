"""A text for each language: to be read aloud for a recording, and what a gallery's voices and a preview say.

Some 15 seconds when read calmly, with a question and an exclamation, so that a voice shows how it rises and falls.
"""

from __future__ import annotations

from engine.types import LANGUAGES

SCRIPTS = {
    "en": "Early in the morning the harbour was still quiet. A few gulls sat on the wall and waited for the boats. "
    "Do you hear the bell? It rings whenever the fog is coming in from the sea. Quick, let us go back to the house, "
    "put the kettle on, and tell each other stories until the sun returns!",
    "de": "Früh am Morgen war der Hafen noch still. Ein paar Möwen saßen auf der Mauer und warteten auf die Boote. "
    "Hörst du die Glocke? Sie läutet immer, wenn der Nebel vom Meer hereinzieht. Schnell, gehen wir zurück ins Haus, "
    "setzen Wasser auf und erzählen uns Geschichten, bis die Sonne wiederkommt!",
    "fr": "Tôt le matin, le port était encore calme. Quelques mouettes attendaient les bateaux, posées sur le mur. "
    "Entends-tu la cloche ? Elle sonne chaque fois que la brume arrive de la mer. Vite, rentrons à la maison, "
    "mettons de l'eau à chauffer et racontons-nous des histoires jusqu'au retour du soleil !",
    "es": "Muy temprano por la mañana, el puerto seguía en silencio. Unas gaviotas esperaban los barcos sobre el muro. "
    "¿Oyes la campana? Suena siempre que la niebla llega desde el mar. ¡Rápido, volvamos a casa, pongamos agua a "
    "calentar y contémonos historias hasta que vuelva el sol!",
    "it": "La mattina presto il porto era ancora silenzioso. Alcuni gabbiani aspettavano le barche seduti sul muro. "
    "Senti la campana? Suona ogni volta che la nebbia arriva dal mare. Presto, torniamo a casa, mettiamo l'acqua sul "
    "fuoco e raccontiamoci delle storie finché non torna il sole!",
    "pt": "De manhã cedo o porto ainda estava calmo. Algumas gaivotas esperavam pelos barcos em cima do muro. "
    "Ouves o sino? Toca sempre que o nevoeiro chega do mar. Depressa, vamos voltar para casa, pôr a água a ferver e "
    "contar histórias até o sol voltar!",
    "nl": "Vroeg in de ochtend was de haven nog stil. Een paar meeuwen zaten op de muur en wachtten op de boten. "
    "Hoor je de bel? Die luidt altijd wanneer de mist van zee komt. Vlug, laten we teruggaan naar huis, water opzetten "
    "en elkaar verhalen vertellen tot de zon terugkomt!",
    "pl": "Wcześnie rano w porcie było jeszcze cicho. Kilka mew siedziało na murze i czekało na łodzie. Słyszysz "
    "dzwon? Bije zawsze, kiedy od morza nadchodzi mgła. Szybko, wracajmy do domu, nastawmy wodę i opowiadajmy sobie "
    "historie, aż wróci słońce!",
    "ru": "Рано утром в порту было ещё тихо. Несколько чаек сидели на стене и ждали лодок. Слышишь колокол? Он звонит "
    "всякий раз, когда с моря идёт туман. Скорее, вернёмся домой, поставим чайник и будем рассказывать друг другу "
    "истории, пока не выйдет солнце!",
    "ar": "في الصباح الباكر كان الميناء هادئا. جلست بعض النوارس على الجدار تنتظر القوارب. هل تسمع الجرس؟ إنه يدق كلما "
    "جاء الضباب من البحر. هيا بسرعة، لنعد إلى البيت ونضع الماء على النار، ونحكي القصص حتى تعود الشمس!",
    "zh": "清晨，港口还很安静。几只海鸥站在墙上，等着渔船回来。你听见钟声了吗？每当海上起雾的时候，它就会响。"
    "快，我们回屋里去，烧一壶水，一起讲故事，直到太阳再出来！",
    "ja": "朝早く、港はまだ静かでした。カモメが何羽か壁の上にとまって、船を待っていました。鐘の音が聞こえますか。"
    "海から霧が来ると、いつも鳴るのです。さあ急いで、家に帰ってお湯を沸かし、日が差すまで物語を話しましょう！",
    "ko": "이른 아침, 항구는 아직 조용했습니다. 갈매기 몇 마리가 담 위에 앉아 배를 기다리고 있었습니다. 종소리가 "
    "들리나요? 바다에서 안개가 밀려올 때마다 울립니다. 자, 어서 집으로 돌아가 물을 끓이고, 해가 다시 나올 때까지 "
    "이야기를 나눕시다!",
}
assert set(SCRIPTS) == set(LANGUAGES)


def script_in(language: str) -> str:
    """Return the text to read aloud in `language`; the English one where nobody named a language."""
    return SCRIPTS.get(language, SCRIPTS["en"])
