// The popup: shows where things stand, and one thing to do about it. It looks at Lectern for as long as it is open.

import { act, address, api, LecternError, setAddress, watch } from "./lectern.js";

const $ = (id) => document.getElementById(id);
const ABSENT = {
  absent: (where) => `Lectern does not answer at ${where}.`,
  stranger: (where) => `What answers at ${where} is not the Lectern application, or an older one.`,
};
const ANSWERS = {
  refused: "Lectern’s user has refused.",
  expired: "Nobody answered in Lectern. Ask again.",
};
let reading = 0; // what the buttons are for
let looks = 0; // a later look makes an earlier one worthless

function show(state) {
  document.body.dataset.state = state;
}

function complain(words) {
  $("problem").textContent = words || "";
}

async function look() {
  const mine = ++looks;
  let after = -1;
  for (;;) {
    try {
      const state = await watch(after);
      if (mine !== looks) return;
      after = state.version;
      render(state);
    } catch (error) {
      if (mine !== looks) return;
      if (!(error instanceof LecternError)) throw error;
      if (!(await renderTrouble(error))) return;
      if (mine !== looks) return;
    }
  }
}

function render(state) {
  const isActive = state.phase !== "idle";
  reading = state.is_yours ? state.reading : 0;
  $("other").hidden = !isActive;
  $("read").textContent = isActive ? "Read this page instead" : "Read this page";
  const words = { preparing: "Getting ready", speaking: "Reading", paused: "Paused" }[state.phase] ?? "";
  $("phase").textContent = state.speaker ? `${words}: ${state.speaker}` : words;
  document.body.toggleAttribute("data-paused", state.phase === "paused");
  const pause = state.phase === "paused" ? "Resume" : "Pause";
  $("pause").title = pause;
  $("pause").setAttribute("aria-label", pause);
  if (document.activeElement !== $("speed")) $("speed").value = state.speed;
  $("speed-words").textContent = `${Number($("speed").value).toFixed(2)}×`;
  if (state.problem) complain(state.problem);
  show(!isActive ? "idle" : state.is_yours ? "reading" : "other");
}

// Returns whether to look again.
async function renderTrouble(error) {
  if (error.kind in ABSENT) {
    const where = await address();
    $("absent").textContent = ABSENT[error.kind](where.replace("http://", ""));
    if (document.activeElement !== $("address")) $("address").value = where.replace("http://", "");
    show(error.kind);
    await new Promise((done) => setTimeout(done, 2000));
    return true;
  }
  if (error.kind !== "not_allowed") {
    complain(error.message);
    return false;
  }
  const { question } = await api.storage.session.get("question");
  $("answer").textContent = ANSWERS[question?.state] ?? "";
  $("number").textContent = question?.number ?? "";
  show(question?.state === "asked" ? "asked" : "not_allowed");
  return false; // what is kept changes with the answer
}

async function tell(message) {
  const reply = await api.runtime.sendMessage(message);
  if (reply?.error) complain(reply.message || "That did not work.");
  return reply ?? {};
}

async function askLectern() {
  complain("");
  $("ask").disabled = true;
  await tell({ type: "pair" });
  $("ask").disabled = false;
  look();
}

async function read() {
  complain("");
  const { problem } = await tell({ type: "read", from: "popup" });
  if (problem) complain((await api.storage.session.get("problem")).problem);
  else look();
}

async function press(action, values) {
  try {
    render(await act(reading, action, values));
  } catch (error) {
    if (error.kind !== "over") complain(error.message);
  }
  look();
}

$("where").addEventListener("submit", async (event) => {
  event.preventDefault();
  complain("");
  try {
    await setAddress($("address").value);
    $("address").blur();
  } catch (error) {
    complain(error.message);
  }
  look();
});
$("ask").addEventListener("click", askLectern);
$("read").addEventListener("click", read);
for (const action of ["previous", "next", "stop"]) $(action).addEventListener("click", () => press(action));
$("pause").addEventListener("click", () => press("paused" in document.body.dataset ? "resume" : "pause"));
$("speed").addEventListener("input", () => ($("speed-words").textContent = `${Number($("speed").value).toFixed(2)}×`));
$("speed").addEventListener("change", () => press("speed", { speed: Number($("speed").value) }));
api.storage.onChanged.addListener((changes) => {
  if ("token" in changes || "question" in changes) look();
});

async function begin() {
  const commands = await api.commands.getAll();
  const key = commands.find((one) => one.name === "read")?.shortcut;
  $("keys").textContent = key ? `${key} reads without this window; again, it stops.` : "";
  complain((await api.storage.session.get("problem")).problem);
  tell({ type: "seen" });
  api.runtime.sendMessage({ type: "wait" }).catch(() => {});
  look();
}

begin();
