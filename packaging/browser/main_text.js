// Finds what of the page is to be read: what is selected, else its main text, without what is around it.

(() => {
  if (globalThis.lecternMainText) return;

  const { Gathering, PageText, UNFIT, everything, gather, isHidden, isPassedOver, shown, whole } =
    globalThis.lecternText;
  const AROUND_TAGS = new Set(["NAV", "ASIDE", "FIGCAPTION", "FOOTER", "DIALOG", "MENU"]);
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
  const LETTERS = /[\p{L}\p{N}]/gu;
  const PARAGRAPH_LETTERS = 60;

  function isAround(element, isInArticle) {
    const role = element.getAttribute("role");
    if (role && AROUND_ROLES.has(role)) return true;
    // a quotation's footer says whose it is
    if (AROUND_TAGS.has(element.tagName)) return element.parentElement?.tagName !== "BLOCKQUOTE";
    return element.tagName === "HEADER" && !isInArticle && !element.querySelector("h1");
  }

  function isNamedAround(element) {
    return AROUND_NAMES.test(element.id) || AROUND_NAMES.test(element.getAttribute("class") ?? "");
  }

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
    const isInner = (one) => Boolean(one.parentElement?.closest("article"));
    const articles = named.filter((one) => one.matches("article, [role=article]") && !isInner(one));
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
    const headings = [...document.querySelectorAll("h1")].filter((one) => one.checkVisibility());
    if (headings.length !== 1 || main.contains(headings[0])) return null;
    const follows = headings[0].compareDocumentPosition(main) & Node.DOCUMENT_POSITION_FOLLOWING;
    return follows ? headings[0] : null;
  }

  function mainText() {
    const body = document.body;
    if (!body || body.tagName !== "BODY") return everything(document.documentElement);
    const weighed = weigh(body);
    const main = mainElement(body, weighed);
    const quarter = (weighed.weights.get(main) ?? 0) / 4;
    const path = new Set();
    for (let one = main; one; one = one.parentElement) path.add(one);
    const leaves = (element) => {
      if (path.has(element)) return false;
      if (isAround(element, main !== body)) return true;
      const isLarge = (weighed.weights.get(element) ?? 0) > quarter; // a name alone takes no large part away
      return !isLarge && !PROSE_TAGS.test(element.tagName) && isNamedAround(element);
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

  globalThis.lecternMainText = { mainText, selectedText };
})();
