// Speaks with the running Lectern, and remembers where it is and what it gave us. Used by the service worker and the
// popup; pages never see the token.

export const api = globalThis.browser ?? globalThis.chrome;
export const USUAL_ADDRESS = "http://127.0.0.1:8080";
const LIMIT_MS = 30000; // Lectern answers a question that waits for something new after 20 s

// What went wrong. `kind`: "absent" (nobody answers), "stranger" (something else does, or an older Lectern),
// "not_allowed" (no token, or no more), "over" (that is not read any more), "refused" with words for the person.
export class LecternError extends Error {
  constructor(kind, message = "") {
    super(message);
    this.kind = kind;
  }
}

export async function address() {
  const kept = await api.storage.local.get("address");
  return kept.address || USUAL_ADDRESS;
}

// Keep an address on this computer, with or without its scheme: for no other the browser would let us in.
export async function setAddress(words) {
  const given = words.trim();
  let url = null;
  try {
    url = new URL(given.includes("://") ? given : "http://" + given);
  } catch {
    // said below
  }
  if (url?.protocol !== "http:" || !["127.0.0.1", "localhost"].includes(url.hostname)) {
    throw new LecternError("refused", "The address can be 127.0.0.1:PORT or localhost:PORT.");
  }
  await api.storage.local.set({ address: url.origin });
}

export async function ask(path, values) {
  const { token } = await api.storage.local.get("token");
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  let reply;
  try {
    reply = await fetch((await address()) + path, {
      method: "POST", // with which browsers say who we are
      headers,
      body: JSON.stringify(values),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch {
    throw new LecternError("absent");
  }
  if (!reply.headers.has("X-Lectern-Reads")) throw new LecternError("stranger");
  const told = await reply.json().catch(() => ({}));
  if (reply.ok) return told;
  if (reply.status === 401) throw new LecternError("not_allowed");
  throw new LecternError(reply.status === 409 ? "over" : "refused", told.message || "");
}

export const watch = (after) => ask("/v1/reading/watch", { after });

export const act = (reading, action, values = {}) => ask("/v1/reading/act", { reading, action, ...values });

// --- to be allowed

// Ask Lectern's user; the answer is waited for with `waitForAnswer`.
export async function askToBeAllowed() {
  const { state, secret, number } = await ask("/v1/pair", { name: "Lectern in " + browserName() });
  await api.storage.session.set({ question: { state, secret, number } });
}

// Wait for the answer to the question that stands, if one does, and keep the token.
export async function waitForAnswer() {
  for (;;) {
    const { question } = await api.storage.session.get("question");
    if (!question || question.state !== "asked") return;
    const { state, token } = await ask("/v1/pair", { secret: question.secret });
    if (state === "asked") continue;
    if (token) await api.storage.local.set({ token });
    await api.storage.session.set({ question: token ? null : { state } });
  }
}

function browserName() {
  const brands = (navigator.userAgentData?.brands ?? []).map((brand) => brand.brand);
  const known = ["Microsoft Edge", "Opera", "Brave", "Vivaldi", "Google Chrome", "Chromium"];
  return known.find((name) => brands.includes(name)) ?? (/Firefox/.test(navigator.userAgent) ? "Firefox" : "a browser");
}
