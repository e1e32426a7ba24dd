// Questions to the program behind the page.

const facts = JSON.parse(document.getElementById("facts").textContent);

/** What is wrong at the moment, by where it came up. */
const troubles = new Map();

/** Shows what went wrong somewhere, or that nothing does there any more. */
function tell(where, text) {
  troubles.delete(where);
  if (text) troubles.set(where, text);
  const shown = [...troubles.values()].at(-1) ?? "";
  element("message").textContent = shown;
  element("message").hidden = !shown;
}

/** The answer to a question, as `read` takes it from a response. Null where there is none; why is told, unless `signal` called it off. */
async function answerTo(place, question, read, signal) {
  try {
    const response = await fetch(place, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal });
    const answer = await (response.ok ? read(response) : response.json());
    tell("program", "");
    tell(place, response.ok ? "" : answer.error);
    return response.ok ? answer : null;
  } catch {
    if (!signal?.aborted) tell("program", "The program does not answer: has it ended?");
    return null;
  }
}

/**
 * Asks one question of a kind at a time, and of those that come meanwhile the latest alone: a slider may move faster than
 * answers come. `then` gets the answer and the question; `failed` is called where there is none. Where answers may take long,
 * a question that comes meanwhile calls the one before `off`: the program sees that nobody waits for it and drops it.
 */
function asker(place, then, { failed = () => {}, off = false } = {}) {
  let [running, waiting] = [null, null];
  async function ask(question) {
    if (running) {
      waiting = question;
      if (off) running.abort();
      return;
    }
    running = new AbortController();
    const { signal } = running;
    const answer = await answerTo(place, question, (response) => response.json(), signal);
    const next = waiting;
    [running, waiting] = [null, null];
    if (next) ask(next);
    else if (signal.aborted) return;
    else if (answer) then(answer, question);
    else failed();
  }
  /** Waits for no answer any more. */
  ask.stop = () => {
    waiting = null;
    running?.abort();
  };
  return ask;
}

/** Lets the browser save a file that the program makes. */
async function save(place, name, question) {
  const file = await answerTo(place, question, (response) => response.blob());
  if (!file) return;
  const link = html("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
