// Numbers as text.

const DASH = "–";
const percent = (share) => (share === null ? DASH : `${(100 * share).toFixed(2)} %`);
const ratio = (part, whole) => (whole > 0 ? part / whole : null);
const short = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : DASH);
