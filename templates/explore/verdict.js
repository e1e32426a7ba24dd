// The verdict beside the image: what the network says and whether the detector flags it, before and after the attack.

const chosenIn = (look) => look.verdicts.find(({ detector }) => detector === facts.chosen);
const flags = (look) => chosenIn(look).flagged;

/** What an answer comes to: `right` is null where nobody knows the truth. The class colours it, the text says it, and why it is flagged. */
function outcomeOf(right, look) {
  const { flagged, reason } = chosenIn(look);
  const verdict = flagged ? `flagged: ${facts.reasons[reason]}` : "accepted";
  if (right === null) return { tone: "", text: verdict };
  if (right) return flagged ? { tone: "is-alarm", text: `false alarm, ${verdict}` } : { tone: "", text: `right, ${verdict}` };
  return { tone: flagged ? "is-good" : "is-bad", text: `wrong, ${verdict}` };
}

/** A small picture with a large class beside it. */
function makeTile(className, name) {
  const tile = html("article", `tile ${className}`);
  const title = html("p", "title");
  const image = picture("", name);
  const [label, confidence, outcome] = [html("p", "label"), html("p", "confidence"), html("p", "outcome")];
  tile.append(title, image, label, confidence, outcome);
  tile.hidden = true;
  return {
    tile,
    /** Shows an image and what is said of it. */
    fill(heading, levels, prediction, certainty, { tone, text }) {
      title.textContent = heading;
      show(image, seen(levels));
      label.textContent = nameOf(prediction);
      label.classList.toggle("long", nameOf(prediction).length > 3);
      confidence.textContent = `${percent(certainty)} sure`;
      outcome.textContent = text;
      outcome.className = `outcome ${tone}`;
      tile.hidden = false;
    },
    hide() {
      tile.hidden = true;
    },
  };
}

const bold = (text) => html("b", "", text);

/** Words in the colour of what they come to. */
function sentence(words, tone) {
  const place = html("span", tone);
  place.append(...words);
  return place;
}

/** The verdict on an image in words; `label` is null where nobody knows the truth. */
function wordsOn({ prediction }, label, flagged) {
  const [said, detector] = [nameOf(prediction), `the detector ${facts.chosen} `];
  if (label === null) return ["The network says ", bold(said), ` and ${detector}`, bold(flagged ? "flags it" : "accepts it"), flagged ? `. If it is a ${said}, that is a false alarm. ` : ". "];
  if (label === prediction) {
    const words = ["The network says ", bold(said), `, which is right, and ${detector}`, bold(flagged ? "flags it" : "accepts it")];
    return flagged ? [...words, ": a ", bold("false alarm"), ". "] : [...words, ". "];
  }
  return ["The network says ", bold(said), ", but it is ", bold(nameOf(label)), `, and ${detector}`, bold(flagged ? "flags it" : "accepts it"), ". "];
}

/** The verdict on what an attack made of an image in words. */
function wordsAfter({ attack: { set }, row: { status }, look }, before, label, flagged) {
  const said = nameOf(look.prediction);
  if (status === "skipped") return [`${set} has nothing to do: it is ${said} already.`];
  if (look.prediction !== before.prediction) {
    const words = [`After ${set} it says `, bold(said)];
    return flagged ? [...words, " and the attack ", bold("is noticed"), "."] : [...words, " and ", bold("nobody notices"), "."];
  }
  const words = [`After ${set} it still says `, bold(said)];
  if (!flagged) return [...words, " and is accepted."];
  return label === look.prediction ? [...words, ", which is right, and is flagged: a ", bold("false alarm"), "."] : [...words, ", and is flagged all the same."];
}
