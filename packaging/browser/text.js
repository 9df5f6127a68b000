// Gathers the text of a part of the page as it is shown, and remembers where each sign of it stands. Puts nothing into
// the page.
//
// Places in the text are code points, as Lectern counts; places in a node are UTF-16 units, as the browser counts.

(() => {
  if (globalThis.lecternText) return;

  const PASSED_OVER = new Set(
    ("SCRIPT STYLE NOSCRIPT TEMPLATE SVG CANVAS VIDEO AUDIO OBJECT EMBED IFRAME FRAME MAP PROGRESS METER DATALIST " +
      "BUTTON INPUT SELECT TEXTAREA RT RP ANNOTATION ANNOTATION-XML").split(" "),
  );
  const SPACE = /[ \t\n\r\f]+|[^ \t\n\r\f]+/g;
  const SURROGATE = /[\ud800-\udfff]/;
  const UNFIT = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
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
      const isBetween = space?.node === node && space.units === 1 && last && last.at + last.units === space.at;
      const joins = !this.gap && last?.node === node && (last.at + last.units === at || isBetween);
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
    const isHeading = element.tagName === "BUTTON" && /^H[1-6]$/.test(element.parentElement?.tagName);
    if (isHeading) return false; // it unfolds a part
    return PASSED_OVER.has(element.tagName.toUpperCase());
  }

  // A square of one pixel: for screen readers alone. What it says is there to be seen, too, but for formulas.
  function isDot(element, style) {
    const isClipped = style.position === "absolute" && style.overflow !== "visible";
    return isClipped && element.offsetWidth <= 1 && element.offsetHeight <= 1;
  }

  function isHidden(element, style) {
    if (style.display === "none" || element.inert || element.getAttribute("aria-hidden") === "true") return true;
    if (style.display !== "contents" && !element.checkVisibility()) return true;
    return isDot(element, style) && element.querySelector("math") === null;
  }

  // A note's number, and such: a link within the page that is set high.
  function isNoteMark(element) {
    const isShort = element.tagName === "SUP" && element.textContent.length < 12;
    return isShort && element.querySelector("a[href^='#'], a[href*='#cite']") !== null;
  }

  // Go through what is shown of `node`, and gather it. `rules.leaves(element)`: leave it out; `rules.part(node)`: the
  // units of a text node that count.
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
    const gap = isDot(node, style) ? "" : gapOf(node, style.display);
    if (gap) gathering.divide(gap);
    const keepsLines = /^(pre|break-spaces)/.test(style.whiteSpace);
    const within = { ...rules, keepsLines, isSeen: style.visibility === "visible" };
    for (const child of shown(node)) gather(child, gathering, within);
    if (gap && gap !== ", ") gathering.divide(gap);
  }

  function gapOf(element, display) {
    if (element.namespaceURI.endsWith("MathML")) return element.getAttribute("display") === "block" ? "\n\n" : "";
    if (display === "table-cell") return element.previousElementSibling ? ", " : "";
    return /^(inline|contents|ruby|none)/.test(display) ? "" : "\n\n";
  }

  const whole = (node) => [0, node.data.length];

  function everything(element) {
    const gathering = new Gathering();
    if (element) gather(element, gathering, { leaves: () => false, part: whole });
    return new PageText(gathering);
  }

  globalThis.lecternText = { Gathering, PageText, UNFIT, everything, gather, isHidden, isPassedOver, shown, whole };
})();
