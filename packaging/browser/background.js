// The service worker: puts the scripts into a page when the person asks for it to be read, and speaks with Lectern for
// them. It keeps nothing in memory, since browsers end it whenever it has been idle for a while.

import { act, api, ask, askToBeAllowed, LecternError, waitForAnswer, watch } from "./lectern.js";

const SCRIPTS = ["text.js", "main_text.js", "light.js", "page.js"];
// The author's origin: Chromium computes highlights of the user's, but does not paint them (156).
const STYLE = `
  ::highlight(lectern-sentence) { background-color: #ffe594 !important; color: #1f1a00 !important; }
  ::highlight(lectern-word) { background-color: #ffb93c !important; color: #1f1a00 !important; }
`;
const WORDS = {
  closed: "The browser lets no extension read this page.",
  odd: "This page cannot be read.",
  empty: "There is no text on this page to read.",
  absent: "Lectern does not answer.",
  stranger: "What answers there is not the Lectern application.",
  not_allowed: "Lectern has not allowed this browser yet.",
  over: "That is not being read any more.",
};
const SEEN_ANYWAY = ["absent", "stranger", "not_allowed"]; // by the popup itself

api.commands.onCommand.addListener(async (command, tab) => {
  const problem = command === "pause" ? await pauseOrResume() : await read(tab ?? (await activeTab()), "toggle");
  await showProblem(problem);
});

api.runtime.onMessage.addListener((message, _sender, answer) => {
  const work = {
    read: async () => {
      const problem = await read(await activeTab(), "read");
      await showProblem(problem, message.from === "popup");
      return { problem };
    },
    start: () => ask("/v1/reading/start", { text: message.text, position: message.position }),
    watch: () => watch(message.after),
    act: () => act(message.reading, message.action, message.values),
    seen: async () => {
      await showProblem("");
      return {};
    },
    pair: async () => {
      await askToBeAllowed();
      waitForAnswer().catch(() => {});
      return {};
    },
    wait: async () => {
      await waitForAnswer();
      return {};
    },
  }[message.type];
  if (!work) return false;
  work().then(answer, (error) => answer({ error: error.kind ?? "refused", message: error.message }));
  return true; // the answer comes later
});

async function activeTab() {
  const [tab] = await api.tabs.query({ active: true, lastFocusedWindow: true });
  return tab;
}

// Have the page of `tab` read ("read"), or stopped where it is being read ("toggle"). Returns what is wrong, or "".
async function read(tab, how) {
  const target = { tabId: tab?.id };
  try {
    const [installed] = await api.scripting.executeScript({ target, files: SCRIPTS });
    if (installed.result) await api.scripting.insertCSS({ target, css: STYLE, origin: "AUTHOR" });
  } catch {
    return "closed"; // the browser's own pages, its shop, its viewer of PDFs
  }
  const func = (toggles) => globalThis.lecternPage.read(toggles);
  try {
    const [done] = await api.scripting.executeScript({ target, func, args: [how === "toggle"] });
    return done.result ?? "";
  } catch {
    return "odd"; // nested too deeply, or gone meanwhile
  }
}

async function pauseOrResume() {
  try {
    const state = await watch(-1);
    if (state.is_yours) await act(state.reading, state.phase === "paused" ? "resume" : "pause");
    return "";
  } catch (error) {
    return error instanceof LecternError ? error.kind : "refused";
  }
}

// The popup says it; without one, the button does, and the popup opens where the browser allows that.
async function showProblem(problem, isSeen = false) {
  const words = problem ? (WORDS[problem] ?? problem) : "";
  await api.storage.session.set({ problem: SEEN_ANYWAY.includes(problem) ? "" : words });
  await api.action.setBadgeText({ text: words ? "!" : "" });
  await api.action.setTitle({ title: words || "Read aloud with Lectern" });
  if (words && !isSeen) await api.action.openPopup?.().catch(() => {});
}
