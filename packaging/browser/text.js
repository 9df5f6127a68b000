// Finds what of a page is to be read, and remembers where each sign of it stands. Puts nothing into the page.
//
// Places in the text are code points, as Lectern counts; places in a node are UTF-16 units, as the browser counts.

(() => {
  if (globalThis.lecternText) return;

  const PASSED_OVER = new Set(
    ("SCRIPT STYLE NOSCRIPT TEMPLATE SVG CANVAS VIDEO AUDIO OBJECT EMBED IFRAME FRAME MAP PROGRESS METER DATALIST " +
      "BUTTON INPUT SELECT TEXTAREA RT RP DIALOG MENU").split(" "),
  );
  const AROUND_TAGS = new Set(["NAV", "ASIDE", "FIGCAPTION", "FOOTER"]);
  const AROUND_ROLES = new Set(
    ("navigation banner contentinfo complementary search menu menubar toolbar tablist dialog alertdialog alert " +
      "tooltip status log").split(" "),
  );
  const AROUND_NAMES = new RegExp(
    "(^|\\s)(nav|navbar|navigation|menu|sidebar|breadcrumbs?|cookies?|consent|share|sharing|social|related|promo|" +
      "advert|advertisement|ads?|comments?|newsletter|subscribe|toc|footer|mw-editsection)($|[\\s_-])",
    "i",
  );
  const PROSE_TAGS = /^(P|H[1-6]|LI|DT|DD|BLOCKQUOTE|PRE|EM|STRONG|B|I|A|CODE|TD|TH|TR)$/;
  const LANDMARKS = "main, [role=main], article, [role=article], [itemprop=articleBody]";
  const SPACE = /[ \t\n\r\f]+|[^ \t\n\r\f]+/g;
  const SURROGATE = /[\ud800-\udfff]/;
  const UNFIT = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
  const LETTERS = /[\p{L}\p{N}]/gu;
  const PARAGRAPH_LETTERS = 60;
  const GAPS = ["", ", ", "\n", "\n\n"];

  // A text in the making. A run is a stretch of one node that stands in the text sign by sign; spaces that the page
  // collapses end one, and what is put between paragraphs and cells belongs to none.
  class Gathering {
    constructor() {
      this.parts = [];
      this.runs = [];
      this.n = 0;
      this.gap = ""; // to come before the next word
      this.space = null; // {node, at, units}: collapsible, as yet after nothing
    }

    // Begin a new paragraph, line or cell (one of GAPS), unless nothing was said yet or something stronger has begun.
    divide(gap) {
      this.space = null;
      if (this.n && GAPS.indexOf(gap) > GAPS.indexOf(this.gap)) this.gap = gap;
    }

    add(node, from, to, keepsLines) {
      const data = node.data.slice(from, to);
      for (const { 0: piece, index } of data.matchAll(SPACE)) {
        const at = from + index;
        if (!" \t\n\r\f".includes(piece[0])) this._word(node, at, piece);
        else if (keepsLines && piece.includes("\n")) this.divide(/\n[ \t]*\n/.test(piece) ? "\n\n" : "\n");
        else if (this.space === null) this.space = { node, at, units: piece.length };
        else this.space = { node: null, at: 0, units: 0 };
      }
    }

    _word(node, at, word) {
      const last = this.runs.at(-1);
      const space = this.gap ? null : this.space;
      const before = this.gap || (space && this.n ? " " : "");
      const joins =
        !this.gap && last && last.node === node &&
        (last.at + last.units === at || (space && space.node === node && space.units === 1 && last.at + last.units === space.at));
      const isPunctuated = before === ", " && /[\p{P}]$/u.test(this.parts.at(-1) ?? "");
      this._put(isPunctuated ? " " : before);
      const text = word.replace(UNFIT, "\ufffd");
      const points = SURROGATE.test(text) ? [...text].length : text.length;
      if (joins) {
        last.units = at + word.length - last.at;
        last.points += before.length + points;
        last.text += before + text;
      } else {
        this.runs.push({ start: this.n, node, at, units: word.length, points, text });
      }
      this._put(text, points);
      this.gap = "";
      this.space = null;
    }

    _put(text, points = text.length) {
      if (text) this.parts.push(text);
      this.n += points;
    }
  }

  class PageText {
    constructor(gathering) {
      this.text = gathering.parts.join("");
      this.n = gathering.n;
      this._runs = gathering.runs;
      this._byNode = new Map();
      for (const run of this._runs) {
        if (!this._byNode.has(run.node)) this._byNode.set(run.node, []);
        this._byNode.get(run.node).push(run);
      }
    }

    get hasWords() {
      return /[\p{L}\p{N}]/u.test(this.text);
    }

    // The ranges of code points [start, end): one for each node, since one range cannot go through a shadow tree. null
    // where the page has changed there, so that nothing else is lit.
    ranges(start, end) {
      const found = [];
      for (let i = this._indexOf(start); i < this._runs.length && this._runs[i].start < end; i++) {
        const run = this._runs[i];
        if (!isAsItWas(run)) return null;
        const from = run.at + unitsOf(run, Math.max(0, start - run.start));
        const to = run.at + unitsOf(run, Math.min(run.points, end - run.start));
        const last = found.at(-1);
        if (last?.endContainer === run.node) {
          last.setEnd(run.node, to); // there are only spaces between
        } else {
          const next = rangeOf(run.node, from, to);
          if (last && this._runs[i - 1].start + this._runs[i - 1].points < run.start) takeSpace(last, next);
          found.push(next);
        }
      }
      return found.filter((range) => !range.collapsed);
    }

    // The code point at `unit` of `node`; null where that is not read.
    placeOf(node, unit) {
      const runs = this._byNode.get(node);
      const run = runs?.findLast((one) => one.at <= unit) ?? null;
      if (run === null || !isAsItWas(run)) return null;
      const units = Math.min(unit - run.at, run.units);
      const before = run.node.data.substr(run.at, units);
      return run.start + Math.min(run.points, run.units === run.points ? units : [...before].length);
    }

    // The first run that ends after `place`.
    _indexOf(place) {
      let low = 0;
      let high = this._runs.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this._runs[middle].start + this._runs[middle].points <= place) low = middle + 1;
        else high = middle;
      }
      return low;
    }
  }

  function rangeOf(node, from, to) {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    return range;
  }

  // The space between two nodes' words, whichever has it, so that the light has no hole there.
  function takeSpace(range, next) {
    const spaces = /^[ \t\n\r\f]*/.exec(range.endContainer.data.slice(range.endOffset))[0];
    range.setEnd(range.endContainer, range.endOffset + spaces.length);
    const before = /[ \t\n\r\f]*$/.exec(next.startContainer.data.slice(0, next.startOffset))[0];
    next.setStart(next.startContainer, next.startOffset - before.length);
  }

  function isAsItWas(run) {
    const now = run.node.data.substr(run.at, run.units);
    return run.node.isConnected && now.replace(/[\t\n\r\f]/g, " ").replace(UNFIT, "\ufffd") === run.text;
  }

  // How many units the first `points` signs of a run take.
  function unitsOf(run, points) {
    if (run.units === run.points) return points;
    let units = 0;
    for (const sign of run.node.data.substr(run.at, run.units)) {
      if (points-- <= 0) break;
      units += sign.length;
    }
    return units;
  }

  // --- from the page to the text

  // What is inside `element` as it is shown: a shadow tree in its place, and in a slot what was put there.
  function shown(element) {
    if (element.shadowRoot) return element.shadowRoot.childNodes;
    const put = element.tagName === "SLOT" ? element.assignedNodes() : [];
    return put.length ? put : element.childNodes;
  }

  function isPassedOver(element) {
    if (element.tagName === "BUTTON" && /^H[1-6]$/.test(element.parentElement?.tagName)) return false; // it unfolds a part
    return PASSED_OVER.has(element.tagName.toUpperCase());
  }

  function isHidden(element, style) {
    if (style.display === "none" || element.inert || element.getAttribute("aria-hidden") === "true") return true;
    if (style.display !== "contents" && element.checkVisibility && !element.checkVisibility()) return true;
    // for screen readers alone, as a rule: a square of one pixel
    return style.position === "absolute" && element.offsetWidth <= 1 && element.offsetHeight <= 1 && style.overflow !== "visible";
  }

  function isAround(element, isInArticle) {
    const role = element.getAttribute("role");
    if (AROUND_TAGS.has(element.tagName) || (role && AROUND_ROLES.has(role))) return true;
    return element.tagName === "HEADER" && !isInArticle && !element.querySelector("h1");
  }

  function isNamedAround(element) {
    return AROUND_NAMES.test(element.id) || AROUND_NAMES.test(element.getAttribute("class") ?? "");
  }

  // A note's number, and such: a link within the page that is set high.
  function isNoteMark(element) {
    return element.tagName === "SUP" && element.querySelector("a[href^='#'], a[href*='#cite']") !== null && element.textContent.length < 12;
  }

  // Go through what is shown of `node`, and gather it. `rules.leaves(element)`: leave it out; `rules.part(node)`: the
  // units of a text node that count, or null.
  function gather(node, gathering, rules) {
    if (node.nodeType === Node.TEXT_NODE) {
      const [from, to] = rules.isSeen ? rules.part(node) : [0, 0];
      if (from < to) gathering.add(node, from, to, rules.keepsLines);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || isPassedOver(node)) return;
    if (node.tagName === "BR") return gathering.divide("\n");
    const style = getComputedStyle(node);
    if (isHidden(node, style) || isNoteMark(node) || rules.leaves(node)) return;
    const gap = gapOf(node, style.display);
    if (gap) gathering.divide(gap);
    const keepsLines = /^(pre|break-spaces)/.test(style.whiteSpace);
    const within = { ...rules, keepsLines, isSeen: style.visibility === "visible" };
    for (const child of shown(node)) gather(child, gathering, within);
    if (gap && gap !== ", ") gathering.divide(gap);
  }

  function gapOf(element, display) {
    if (display === "table-cell") return element.previousElementSibling ? ", " : "";
    return /^(inline|contents|ruby|none)/.test(display) ? "" : "\n\n";
  }

  // --- which part of the page

  // Weigh what is shown: letters that are no links, in each element and what is around it left out.
  function weigh(body) {
    const weights = new Map();
    const paragraphs = [];
    const visit = (node, isInArticle) => {
      if (node.nodeType === Node.TEXT_NODE) return node.data.match(LETTERS)?.length ?? 0;
      if (node.nodeType !== Node.ELEMENT_NODE || isPassedOver(node)) return 0;
      if (isHidden(node, getComputedStyle(node)) || isAround(node, isInArticle)) return 0;
      if (node.tagName === "A") return 0;
      const isIn = isInArticle || node.tagName === "ARTICLE" || node.tagName === "MAIN";
      let weight = 0;
      let own = 0;
      for (const child of shown(node)) {
        const part = visit(child, isIn);
        weight += part;
        if (child.nodeType === Node.TEXT_NODE) own += part;
      }
      weights.set(node, weight);
      if (own >= PARAGRAPH_LETTERS) paragraphs.push(node);
      return weight;
    };
    const total = visit(body, false);
    return { weights, paragraphs, total };
  }

  // The element with the page's main text: what the page itself names so, else where its paragraphs are, else all.
  function mainElement(body, { weights, paragraphs, total }) {
    const named = [...body.querySelectorAll(LANDMARKS)].filter((one) => (weights.get(one) ?? 0) > 0);
    const heaviest = (list) => list.reduce((best, one) => (weights.get(one) > weights.get(best) ? one : best), list[0]);
    const bodies = named.filter((one) => one.matches("[itemprop=articleBody]"));
    const mains = named.filter((one) => one.matches("main, [role=main]"));
    const articles = named.filter((one) => one.matches("article, [role=article]") && !one.parentElement.closest("article"));
    let chosen = bodies.length === 1 ? bodies[0] : null;
    chosen ??= heaviest(mains) ?? null;
    const within = articles.filter((one) => chosen === null || chosen.contains(one));
    const best = heaviest(within);
    const around = chosen === null ? within.reduce((sum, one) => sum + weights.get(one), 0) : weights.get(chosen);
    if (best && weights.get(best) >= 0.6 * around) chosen = best;
    if (chosen !== null && weights.get(chosen) >= total / 5) return chosen;
    const dense = densest(paragraphs, weights);
    return dense !== null && weights.get(dense) >= total / 2 ? dense : body;
  }

  function densest(paragraphs, weights) {
    const scores = new Map();
    for (const paragraph of paragraphs) {
      let share = weights.get(paragraph);
      for (let one = paragraph.parentElement; one && share > 1; one = one.parentElement, share /= 2) {
        scores.set(one, (scores.get(one) ?? 0) + share);
      }
    }
    let best = null;
    for (const [element, score] of scores) if (best === null || score > scores.get(best)) best = element;
    return best;
  }

  // The heading above the main text, where that is outside of it.
  function headingBefore(main) {
    const headings = [...document.querySelectorAll("h1")].filter((one) => one.checkVisibility?.() ?? true);
    if (headings.length !== 1 || main.contains(headings[0])) return null;
    const follows = headings[0].compareDocumentPosition(main) & Node.DOCUMENT_POSITION_FOLLOWING;
    return follows ? headings[0] : null;
  }

  function mainText() {
    const body = document.body;
    if (!body || body.tagName !== "BODY") return everything(document.documentElement);
    const weighed = weigh(body);
    const main = mainElement(body, weighed);
    const half = (weighed.weights.get(main) ?? 0) / 2;
    const path = new Set();
    for (let one = main; one; one = one.parentElement) path.add(one);
    const leaves = (element) => {
      if (path.has(element)) return false;
      if (isAround(element, main !== body)) return true;
      return !PROSE_TAGS.test(element.tagName) && isNamedAround(element) && (weighed.weights.get(element) ?? 0) <= half / 2;
    };
    const gathering = new Gathering();
    const rules = { leaves, part: whole };
    const heading = main === body ? null : headingBefore(main);
    if (heading) gather(heading, gathering, { leaves: () => false, part: whole });
    gathering.divide("\n\n");
    gather(main, gathering, rules);
    const text = new PageText(gathering);
    return text.hasWords ? text : everything(body);
  }

  const whole = (node) => [0, node.data.length];

  function everything(element) {
    const gathering = new Gathering();
    if (element) gather(element, gathering, { leaves: () => false, part: whole });
    return new PageText(gathering);
  }

  // --- the selection

  function selectedText() {
    const field = document.activeElement;
    if (field && /^(TEXTAREA|INPUT)$/.test(field.tagName)) {
      let chosen = "";
      try {
        chosen = field.type === "password" ? "" : field.value.slice(field.selectionStart, field.selectionEnd);
      } catch {
        // a field that has no selection
      }
      if (chosen.trim()) return new PageText(ofField(chosen));
    }
    const selection = getSelection();
    if (!selection || selection.isCollapsed) return null;
    const gathering = new Gathering();
    for (let i = 0; i < selection.rangeCount; i++) {
      const range = selection.getRangeAt(i);
      const part = (node) => {
        if (!range.intersectsNode(node)) return [0, 0];
        return [
          node === range.startContainer ? range.startOffset : 0,
          node === range.endContainer ? range.endOffset : node.data.length,
        ];
      };
      const leaves = (element) => !range.intersectsNode(element) && element.getRootNode() === document;
      gathering.divide("\n\n");
      const around = range.commonAncestorContainer;
      gather(around.nodeType === Node.TEXT_NODE ? around.parentElement : around, gathering, { leaves, part });
    }
    const text = new PageText(gathering);
    return text.hasWords ? text : null;
  }

  // What is in a field has no nodes, so that nothing of it can be lit.
  function ofField(words) {
    const gathering = new Gathering();
    const text = words.replace(UNFIT, "\ufffd");
    gathering.parts.push(text);
    gathering.n = [...text].length;
    return gathering;
  }

  globalThis.lecternText = { mainText, selectedText };
})();
