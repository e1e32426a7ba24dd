// What is looked at, and who is told.

const state = { source: null, own: null, label: null, look: null, attacked: null, late: 0 };
/** Milliseconds until an attack counts as long. Only then its Stop button comes and an older image's attack goes: nothing flickers. */
const LATE = 300;

const clean = makePanel("clean", "The image");
const after = makePanel("attacked", "After the attack");
element("panels").append(clean.panel, after.panel);
clean.panel.hidden = after.panel.hidden = true;

const film = makeFilm((frame, first) => {
  show(after.seen, seen(frame.image));
  show(after.change, changed(first.image, frame.image));
  after.label.textContent = nameOf(frame.prediction);
  after.confidence.textContent = `at ${percent(frame.confidence)}`;
  after.outcome.textContent = outcomeOf(frame.verdict);
});

/** What an image that is not of the split is called. */
function titleOf(source) {
  if (source.strokes) return "Your drawing";
  return source === state.own ? "Your picture" : "The network's drawing";
}

const look = asker("/look", ({ look: found, label, index }, source) => {
  if (source !== state.source) return;
  state.look = unpackLook(found);
  state.label = label;
  clean.heading.textContent = index === null ? titleOf(source) : `Image ${index}, ${nameOf(label)}`;
  fillPanel(clean, state.look);
  clean.panel.hidden = false;
  easel.follow(state.look);
  showChange();
  judge();
});

const attack = asker("/attack", (answer, { source, film: filmed }) => {
  state.attacked = { ...answer, source };
  unpackLook(answer.look);
  fillPanel(after, answer.look);
  const { set, norm } = answer.attack;
  after.heading.textContent = `After ${set}`;
  after.more.textContent ||= norm ? `change ${short(answer.row.linf)} (linf), ${short(answer.row.l2)} (l2), ${answer.row.l0} pixels` : "";
  after.changeFigure.hidden = false;
  showChange();
  settle(filmed && !answer.film.length ? "This attack asks for no gradient." : "");
  if (filmed) film.play(answer.film, answer.row.clean_prediction);
}, { failed: () => settle(""), off: true });

/** The attack on what is looked at, once it is over. */
const struck = () => (state.attacked?.source === state.source ? state.attacked : null);

/** Shows what the attack changed, once both images are there. */
function showChange() {
  if (struck() && state.look) show(after.change, changed(state.look.image, struck().look.image));
}

function showStruck() {
  after.panel.hidden = !struck();
}

/** Shows that no attack runs any more. */
function settle(text) {
  if (document.activeElement === element("stop")) element("watch").focus();
  element("stop").hidden = true;
  element("attack-state").textContent = text;
  clearTimeout(state.late);
  showStruck();
  judge();
}

const flags = (look) => look.verdicts.find(({ detector }) => detector === facts.chosen).flagged;
const bold = (text) => html("b", "", text);

/** The verdict in words. */
function judge() {
  const place = element("verdict");
  place.className = "verdict";
  if (!state.look) return;
  const { look, label } = state;
  const attacked = struck();
  const right = label === look.prediction ? [", which is right,"] : [", but it is ", bold(nameOf(label)), ","];
  const truth = label === null ? [] : right;
  const words = ["The network says ", bold(nameOf(look.prediction)), ...truth, ` and the detector ${facts.chosen} `, bold(flags(look) ? "flags it" : "accepts it"), ". "];
  if (attacked) {
    const { set } = attacked.attack;
    const noticed = flags(attacked.look);
    const becomes = attacked.look.prediction;
    if (attacked.row.status === "skipped") {
      words.push(`${set} has nothing to do: it is ${nameOf(becomes)} already.`);
    } else if (becomes === look.prediction) {
      words.push(`After ${set} it still says `, bold(nameOf(becomes)), noticed ? ", and is flagged all the same." : " and is accepted.");
    } else {
      words.push(`After ${set} it says `, bold(nameOf(becomes)), noticed ? " and the attack " : " and ", bold(noticed ? "is noticed" : "nobody notices"), ".");
      place.classList.add(noticed ? "is-good" : "is-bad");
    }
  }
  place.replaceChildren(...words);
}

/** Attacks the image, where it is to be. */
function strike(filmed = false) {
  film.hide();
  element("watch").disabled = !knobs.attacking() || !state.source;
  if (!state.source || !knobs.attacking()) {
    attack.stop();
    state.attacked = null;
    settle("");
    return;
  }
  element("attack-state").textContent = "working";
  clearTimeout(state.late);
  state.late = setTimeout(() => {
    element("stop").hidden = false;
    showStruck();
  }, LATE);
  attack({ source: state.source, attack: knobs.threat(), film: filmed });
}

/** Looks at another image. */
function turnTo(source) {
  state.source = source;
  for (const id of ["save-png", "save-json"]) element(id).disabled = !source;
  if (source) {
    look(source);
  } else {
    Object.assign(state, { look: null, attacked: null });
    clean.panel.hidden = true;
    element("verdict").className = "verdict";
    element("verdict").textContent = "Nothing yet: draw something.";
  }
  strike();
}

const knobs = makeKnobs(() => strike());
const easel = makeEasel((pixels) => {
  showMode(null);
  turnTo({ pixels });
  element("seen").scrollIntoView({ block: "start" });
});
// One cannot draw images of every shape.
const pad = element("pad") && makePad(() => turnTo(pad.source()), () => turnTo(null));
const picker = makePicker((index) => turnTo({ index }));

/** Shows the pad or the images; neither is pressed while a drawing of the network is looked at. */
function showMode(mode) {
  if (!pad) return;
  element("by-drawing").setAttribute("aria-pressed", String(mode === "drawing"));
  element("by-picking").setAttribute("aria-pressed", String(mode === "picking"));
  if (!mode) return;
  element("drawing").hidden = mode !== "drawing";
  element("picking").hidden = mode !== "picking";
}

function pick(index) {
  showMode("picking");
  if (!element("thumbnails").children.length) picker.list(0);
  picker.choose(index);
}
if (pad) {
  element("by-drawing").addEventListener("click", () => {
    showMode("drawing");
    if (pad.source()) turnTo(pad.source());
  });
  element("by-picking").addEventListener("click", () => pick(picker.index() ?? facts.first));
}
if (element("own")) {
  makeUpload((pixels) => {
    state.own = { pixels };
    turnTo(state.own);
  });
}
element("watch").addEventListener("click", () => strike(true));
element("style-clean").addEventListener("click", () => state.look && easel.take(state.look));
element("stop").addEventListener("click", () => {
  attack.stop();
  settle("stopped");
});
element("style-attacked").addEventListener("click", () => (struck() ? easel.take(struck().look) : tell("/draw", "There is no attack to take a style from.")));
for (const [id, place] of [["save-png", "/case.png"], ["save-json", "/case.json"]]) {
  element(id).addEventListener("click", async () => {
    const attack = knobs.attacking() ? knobs.threat() : null;
    element(id).disabled = true;
    await save(place, `case${place.slice(5)}`, { source: state.source, attack });
    element(id).disabled = !state.source;
  });
}

// Something to look at from the start: the image that the address names (#image-18), or the first.
const named = location.hash.match(/^#image-(\d+)$/);
if (named || !pad) pick(named ? Number(named[1]) : facts.first);
else turnTo({ index: facts.first });
document.documentElement.dataset.ready = "true";
