// Plain words for what files and papers call by symbols; the symbol stands in the title.

/** What a norm bounds, by its name in files. */
const NORMS = {
  linf: "Every pixel may change, each a little",
  l2: "The length of the change is bounded",
  l1: "The sum of the change is bounded",
  l0: "Few pixels may change",
};

/** What a set may change, such as `each pixel by at most 0.3`. */
function boundText({ norm, epsilon }) {
  if (epsilon === null) return "";
  if (norm === "l0") return `at most ${short(epsilon)} pixels`;
  if (norm === "l2") return `the whole image by a length of at most ${short(epsilon)}`;
  if (norm === "l1") return `the whole image by at most ${short(epsilon)} in sum`;
  return `each pixel by at most ${short(epsilon)}`;
}

/** A word with what it is called elsewhere. */
function plain(text, symbol) {
  const word = html("abbr", "", text);
  word.title = symbol;
  return word;
}

/** That an image is flagged, and why where that is known. */
const flaggedText = (reason) => (reason ? `flagged: ${reason}` : "flagged");

/** What is known about a set, in a sentence. */
const setText = (set) => [set.meaning, boundText(set)].filter(Boolean).join("; ");

/** What is known about a detector, in a sentence. */
const detectorText = ({ meaning, score }) => (meaning ? `${meaning}; its score: ${score}` : "");
