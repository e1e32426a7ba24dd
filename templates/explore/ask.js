// Questions to the program behind the page.

const facts = JSON.parse(document.getElementById("facts").textContent);

/** Shows what went wrong, or that nothing does. */
function tell(text) {
  element("message").textContent = text;
  element("message").hidden = !text;
}

async function post(place, question) {
  const response = await fetch(place, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question) });
  if (!response.ok) throw new Error((await response.json()).error);
  return response;
}

/**
 * Asks one question of a kind at a time, and of those that come meanwhile the latest alone: a slider may move faster than
 * answers come. `then` gets the answer and the question.
 */
function asker(place, then) {
  let [running, waiting] = [false, null];
  return async function ask(question) {
    if (running) {
      waiting = question;
      return;
    }
    running = true;
    try {
      const answer = await (await post(place, question)).json();
      tell("");
      if (!waiting) then(answer, question);
    } catch (error) {
      tell(error instanceof TypeError ? "The program does not answer: has it ended?" : error.message);
    }
    running = false;
    const next = waiting;
    waiting = null;
    if (next) await ask(next);
  };
}

/** Lets the browser save a file that the program makes. */
async function save(place, name, question) {
  try {
    const link = html("a");
    link.href = URL.createObjectURL(await (await post(place, question)).blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    tell("");
  } catch (error) {
    tell(error.message);
  }
}
