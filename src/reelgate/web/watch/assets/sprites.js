/** Small pictures of a video's moments, out of one large one: WebVTT whose cues name a part of it (`sheet.jpg#xywh=0,90,160,90`). */

const CUE = /(?:(\d+):)?(\d+):([\d.]+)\s+-->\s+(?:(\d+):)?(\d+):([\d.]+)[^\n]*\n([^\n]+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;

/** Return the tiles of a WebVTT text, in order: `{from, until, url, x, y, width, height}`. */
export function tilesIn(vtt, base) {
  return [...vtt.replaceAll("\r\n", "\n").matchAll(CUE)].map((found) => {
    const [h1, m1, s1, h2, m2, s2] = found.slice(1, 7).map((part) => Number(part ?? 0));
    const [x, y, width, height] = found.slice(8).map(Number);
    const url = new URL(found[7], base).href;
    return { from: h1 * 3600 + m1 * 60 + s1, until: h2 * 3600 + m2 * 60 + s2, url, x, y, width, height };
  });
}

export class Sprites {
  #tiles = [];

  /** Fetch the tiles. A video without them has no previews, and that is all. */
  async load(url) {
    try {
      const response = await fetch(url, { credentials: "omit" });
      if (response.ok) this.#tiles = tilesIn(await response.text(), response.url);
    } catch {
      this.#tiles = [];
    }
  }

  /** Show the picture of a moment in an element. Returns whether there is one. */
  show(element, seconds) {
    const tile = this.#tiles.findLast((one) => one.from <= seconds) ?? this.#tiles[0];
    element.hidden = !tile;
    if (!tile) return false;
    element.style.width = `${tile.width}px`;
    element.style.height = `${tile.height}px`;
    element.style.backgroundImage = `url("${tile.url}")`;
    element.style.backgroundPosition = `-${tile.x}px -${tile.y}px`;
    return true;
  }
}
