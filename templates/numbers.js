// Numbers as text.

const DASH = "–";
const percent = (share) => (share === null ? DASH : `${(100 * share).toFixed(2)} %`);
const ratio = (part, whole) => (whole > 0 ? part / whole : null);
/** A number of 32 bits with all of its digits, the fewest that give it back, as `--threshold` takes it. */
function exact(value) {
  const digits = [1, 2, 3, 4, 5, 6, 7, 8].find((digits) => Math.fround(value.toPrecision(digits)) === Math.fround(value));
  return String(Number(value.toPrecision(digits ?? 9)));
}
const short = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : DASH);
