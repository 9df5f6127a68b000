// Lights ranges of the page. Where the browser has highlights of its own, the page's elements stay as they are; else
// one element lies over the page, takes no clicks, and goes with the light.

(() => {
  if (globalThis.lecternLight) return;

  const NAMES = ["lectern-sentence", "lectern-word"];
  const OVERLAY = `
    :host { all: initial; position: absolute; inset: 0 auto auto 0; width: 0; height: 0; }
    :host { pointer-events: none; z-index: 2147483647; }
    div { position: absolute; border-radius: 2px; mix-blend-mode: multiply; background: #ffe594; }
    div.lectern-word { background: #ffb93c; }
    @media (prefers-color-scheme: dark) { div { mix-blend-mode: normal; opacity: 0.35; } }
  `;

  // A kind's ranges, lit by the browser.
  class Highlights {
    constructor() {
      this.lights = new Map(NAMES.map((name, priority) => [name, Object.assign(new Highlight(), { priority })]));
      for (const [name, light] of this.lights) CSS.highlights.set(name, light);
    }

    show(name, ranges) {
      const light = this.lights.get(name);
      light.clear();
      for (const range of ranges) light.add(range);
    }

    remove() {
      for (const name of NAMES) CSS.highlights.delete(name);
    }
  }

  // The same, drawn over the page.
  class Overlay {
    constructor() {
      this.ranges = new Map();
      this.host = document.createElement("lectern-light");
      this.host.setAttribute("aria-hidden", "true");
      this.ground = this.host.attachShadow({ mode: "closed" });
      const style = new CSSStyleSheet(); // which the page's policy does not forbid
      style.replaceSync(OVERLAY);
      try {
        this.ground.adoptedStyleSheets = [style];
      } catch {
        this.ground.append(Object.assign(document.createElement("style"), { textContent: OVERLAY }));
      }
      document.documentElement.append(this.host);
      this.draw = this.draw.bind(this);
      for (const event of ["scroll", "resize"]) addEventListener(event, this.draw, { capture: true, passive: true });
    }

    show(name, ranges) {
      this.ranges.set(name, ranges);
      this.draw();
    }

    draw() {
      this.ground.querySelectorAll("div").forEach((one) => one.remove());
      const origin = this.host.getBoundingClientRect();
      for (const [name, ranges] of this.ranges) {
        for (const rect of ranges.flatMap((range) => [...range.getClientRects()])) {
          const box = document.createElement("div");
          box.className = name;
          Object.assign(box.style, {
            left: `${rect.left - origin.left}px`,
            top: `${rect.top - origin.top}px`,
            width: `${rect.width}px`,
            height: `${rect.height}px`,
          });
          this.ground.append(box);
        }
      }
    }

    remove() {
      for (const event of ["scroll", "resize"]) removeEventListener(event, this.draw, { capture: true });
      this.host.remove();
    }
  }

  // Make a light, which is out until `show` is called, and gone after `remove`.
  function makeLight(prefersOverlay = false) {
    if (!prefersOverlay && typeof Highlight === "function" && globalThis.CSS?.highlights) {
      try {
        return new Highlights();
      } catch {
        // a browser that keeps them from extensions
      }
    }
    return new Overlay();
  }

  globalThis.lecternLight = { makeLight };
})();
