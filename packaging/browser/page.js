// Has the page read: sends its text, lights what is heard, and goes where the person clicks. One for each page; what is
// heard is Lectern's to say. Returns whether it is new here.

(() => {
  if (globalThis.lecternPage) return false;

  const api = globalThis.browser ?? globalThis.chrome;
  const CONTROLS =
    "a[href], button, input, textarea, select, label, summary, option, video, audio, [role=button], [role=link], " +
    "[contenteditable=''], [contenteditable=true]";
  const ALONE_MS = 4000; // after the person has scrolled, the page stays where they put it
  const MAX_FAILURES = 5;
  const MARGIN_PX = 60;

  class Page {
    constructor() {
      this.reading = 0; // Lectern's number of it; 0 for none
      this.asked = 0; // how often the person has asked; a later one makes what comes for an earlier one worthless
      this.text = null;
      this.light = null;
      this.sentence = null;
      this.scrolledMs = -ALONE_MS;
      this.onClick = this.onClick.bind(this);
      this.onScroll = () => (this.scrolledMs = performance.now());
    }

    // Read the selection, or else the page; with `toggles`, stop instead where that is being read. Returns what is
    // wrong, as a word that the service worker knows or in a sentence.
    async read(toggles) {
      const selected = globalThis.lecternMainText.selectedText();
      if (toggles && this.reading && (selected === null || selected.text === this.text.text)) {
        const { error } = await this.act("stop");
        if (error !== "over") return "";
      }
      const text = selected ?? globalThis.lecternMainText.mainText();
      return text.hasWords ? this.begin(text, 0) : "empty";
    }

    async begin(text, position) {
      const asked = ++this.asked;
      const reply = await send({ type: "start", text: text.text, position });
      if (asked !== this.asked) return "";
      if (reply.error) return reply.message || reply.error;
      this.end();
      this.text = text;
      this.reading = reply.reading;
      this.light = globalThis.lecternLight.makeLight(globalThis.lecternPrefersOverlay);
      addEventListener("click", this.onClick);
      for (const event of ["wheel", "touchmove", "keydown"]) addEventListener(event, this.onScroll, { passive: true });
      this.follow(reply.reading);
      return "";
    }

    async follow(reading) {
      let after = -1;
      let failures = 0;
      while (this.reading === reading) {
        const state = await send({ type: "watch", after });
        if (this.reading !== reading) return;
        if (state.error) {
          if (state.error !== "absent" || ++failures === MAX_FAILURES) break;
          await new Promise((done) => setTimeout(done, 1000 * failures));
          continue;
        }
        failures = 0;
        after = state.version;
        if (!state.is_yours || state.reading !== reading || state.phase === "idle") break;
        this.show(state);
      }
      if (this.reading === reading) this.end();
    }

    show(state) {
      const sentence = state.sentence ? this.text.ranges(...state.sentence) : [];
      const word = state.word ? this.text.ranges(...state.word) : [];
      // what is no more on the page is read on, unlit
      this.light.show("lectern-sentence", sentence ?? []);
      this.light.show("lectern-word", word ?? []);
      const key = String(state.sentence);
      if (key !== this.sentence && sentence?.length) bringIntoView(sentence[0], performance.now() - this.scrolledMs);
      this.sentence = key;
    }

    end() {
      this.light?.remove();
      removeEventListener("click", this.onClick);
      for (const event of ["wheel", "touchmove", "keydown"]) removeEventListener(event, this.onScroll);
      this.light = this.text = this.sentence = null;
      this.reading = 0;
    }

    act(action, values) {
      return send({ type: "act", reading: this.reading, action, values });
    }

    onClick(event) {
      const isHeld = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
      if (event.button || isHeld || event.defaultPrevented || !getSelection()?.isCollapsed) return;
      const path = event.composedPath();
      if (path.some((one) => one.matches?.(CONTROLS))) return;
      const place = placeAt(event.clientX, event.clientY, path, this.text);
      if (place !== null) this.act("jump", { position: place });
    }
  }

  // Which code point of `text` is at a point of the window; null beside the text.
  function placeAt(x, y, path, text) {
    const shadowRoots = path.filter((one) => one instanceof ShadowRoot);
    let node, unit;
    if (document.caretPositionFromPoint) {
      const caret = document.caretPositionFromPoint(x, y, { shadowRoots });
      [node, unit] = [caret?.offsetNode, caret?.offset];
    } else {
      const caret = document.caretRangeFromPoint?.(x, y);
      [node, unit] = [caret?.startContainer, caret?.startOffset];
    }
    if (node?.nodeType !== Node.TEXT_NODE) return null;
    const range = document.createRange();
    range.selectNodeContents(node);
    const isOn = [...range.getClientRects()].some(
      (box) => x >= box.left - 4 && x <= box.right + 4 && y >= box.top - 4 && y <= box.bottom + 4,
    );
    return isOn ? text.placeOf(node, unit) : null;
  }

  function bringIntoView(range, sinceScrollMs) {
    const isOut = () => {
      const box = range.getBoundingClientRect();
      return box.bottom < MARGIN_PX || box.top > innerHeight - MARGIN_PX;
    };
    if (sinceScrollMs < ALONE_MS || document.hidden || !isOut()) return;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    range.startContainer.parentElement?.scrollIntoView({ block: "nearest", behavior: "instant" });
    if (isOut()) {
      const box = range.getBoundingClientRect();
      scrollBy({ top: box.top - innerHeight / 3, behavior });
    }
  }

  // Ask the service worker, which alone speaks with Lectern. After the extension is updated or removed there is none.
  async function send(message) {
    try {
      return (await api.runtime.sendMessage(message)) ?? { error: "absent" };
    } catch (error) {
      return { error: api.runtime?.id ? "absent" : "gone", message: api.runtime?.id ? "" : String(error) };
    }
  }

  globalThis.lecternPage = new Page();
  return true;
})();
