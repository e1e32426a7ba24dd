// What is looked at, and who is told.

const state = { source: null, own: null, label: null, look: null, attacked: null, missing: false, late: 0 };
/** Milliseconds until an attack counts as long. Only then its Stop button comes and an older image's attack goes: nothing flickers. */
const LATE = 300;

const clean = makePanel("clean", "The image");
const after = makePanel("attacked", "After the attack");
element("panels").append(clean.panel, after.panel);
const tiles = { clean: makeTile("clean", "The image"), after: makeTile("attacked", "The image after the attack") };
element("tiles").append(tiles.clean.tile, tiles.after.tile);

const film = makeFilm((frame, first) => {
  show(after.seen, seen(frame.image));
  show(after.change, changed(first.image, frame.image));
  after.label.textContent = nameOf(frame.prediction);
  after.confidence.textContent = `at ${percent(frame.confidence)}`;
  after.outcome.textContent = saidBy(frame.verdict);
});

/** What an image that is not of the split is called. */
function titleOf(source) {
  if (source.strokes) return "Your drawing";
  return source === state.own ? "Your picture" : "The network's drawing";
}

/** Whether an image of the split is looked at though nobody has picked it: to begin with, beside the empty pad. */
const isExample = () => element("picking").hidden;

const look = asker("/look", ({ look: found, label, index }, source) => {
  if (source !== state.source) return;
  state.look = unpackLook(found);
  state.label = label;
  clean.heading.textContent = index === null ? titleOf(source) : `${isExample() ? "An example: image" : "Image"} ${index}, ${nameOf(label)}`;
  fillPanel(clean, state.look);
  easel.follow(state.look);
  showChange();
  judge();
}, {
  // There is no such image, or nothing to be had of it.
  failed() {
    attack.stop();
    Object.assign(state, { source: null, look: null, label: null, attacked: null, missing: true });
    element("watch").disabled = true;
    settle("");
  },
});

const attack = asker("/attack", (answer, { source, film: filmed }) => {
  state.attacked = { ...answer, source };
  unpackLook(answer.look);
  fillPanel(after, answer.look);
  const { set, norm } = answer.attack;
  after.heading.textContent = `After ${set}`;
  after.more.textContent ||= norm ? `changed: ${short(answer.row.linf)} of a pixel at most, ${answer.row.l0} pixels` : "";
  after.more.title = `linf ${short(answer.row.linf)}, l2 ${short(answer.row.l2)}, l0 ${answer.row.l0}`;
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

/** Shows what there is of the attack, and nothing where there is none. */
function showStruck() {
  const found = struck();
  after.panel.hidden = !found;
  if (!found) tiles.after.hide();
  element("style-attacked").disabled = !found;
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

const NOTHING = element("verdict").textContent;

/** The verdict, in pictures and in words. */
function judge() {
  const place = element("verdict");
  const { look, label } = state;
  clean.panel.hidden = !look;
  element("seen-none").hidden = Boolean(look);
  element("seen-hint").hidden = !look;
  for (const id of ["save-png", "save-json", "style-clean"]) element(id).disabled = !look;
  if (!look) {
    place.textContent = state.missing ? "Nothing to see: this image is not there." : NOTHING;
    tiles.clean.hide();
    return;
  }
  const outcome = outcomeOf(label === null ? null : label === look.prediction, look);
  tiles.clean.fill(clean.heading.textContent, look.image, look.prediction, look.confidence, outcome);
  const sentences = [sentence(wordsOn(look, label, flags(look)), outcome.tone)];
  const attacked = struck();
  if (attacked) {
    const { prediction, confidence, image } = attacked.look;
    // Of a drawing nobody knows the truth: an attack is to change what the network said of it.
    const truth = label ?? (prediction === look.prediction ? null : look.prediction);
    const found = outcomeOf(truth === null ? null : truth === prediction, attacked.look);
    tiles.after.fill(after.heading.textContent, image, prediction, confidence, found);
    sentences.push(sentence(wordsAfter(attacked, look, label, flags(attacked.look)), found.tone));
  }
  place.replaceChildren(...sentences);
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
  Object.assign(state, { source, missing: false });
  if (source) {
    look(source);
  } else {
    look.stop();
    Object.assign(state, { look: null, label: null, attacked: null });
    for (const place of ["/look", "/attack"]) tell(place, "");
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
element("style-attacked").addEventListener("click", () => struck() && easel.take(struck().look));
for (const [id, place] of [["save-png", "/case.png"], ["save-json", "/case.json"]]) {
  element(id).addEventListener("click", async () => {
    const attack = knobs.attacking() ? knobs.threat() : null;
    element(id).disabled = true;
    await save(place, `case${place.slice(5)}`, { source: state.source, attack });
    element(id).disabled = !state.look;
  });
}

for (const key of document.querySelectorAll(".key[data-number]")) key.style.background = keyOf(markOf("c", Number(key.dataset.number))).style.background;

// Something to look at from the start: the image that the address names (#image-18), or the first.
const named = location.hash.match(/^#image-(\d+)$/);
if (named || !pad) pick(named ? Number(named[1]) : facts.first);
else turnTo({ index: facts.first });
document.documentElement.dataset.ready = "true";
