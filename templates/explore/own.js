// A person's own picture: its middle, scaled to the shape that the network takes.

/** Calls `chosen` with the levels of the picture as base64. */
function makeUpload(chosen) {
  const [channels, rows, columns] = facts.shape;

  /** The levels of a picture that fills the image, channel by channel. */
  function levelsOf(picture) {
    const context = new OffscreenCanvas(columns, rows).getContext("2d");
    const scale = Math.max(columns / picture.width, rows / picture.height);
    const [width, height] = [scale * picture.width, scale * picture.height];
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, (columns - width) / 2, (rows - height) / 2, width, height);
    const { data } = context.getImageData(0, 0, columns, rows);
    // Grey is the luma of a colour.
    const value = channels === 1 ? (p) => 0.299 * data[4 * p] + 0.587 * data[4 * p + 1] + 0.114 * data[4 * p + 2] : (p, channel) => data[4 * p + channel];
    return Array.from({ length: channels * rows * columns }, (_, i) => Math.round(value(i % (rows * columns), Math.floor(i / (rows * columns)))));
  }

  element("own").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    try {
      const levels = levelsOf(await createImageBitmap(file));
      tell("picture", "");
      chosen(btoa(levels.map((level) => String.fromCharCode(level)).join("")));
    } catch {
      tell("picture", `${file.name} is no picture that this browser can read.`);
    }
  });
}
