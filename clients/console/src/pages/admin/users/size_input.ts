/** Sizes as people type them: `50 GB`, `1.5 TB`, `750000 bytes`. Units are decimal, as everywhere in Reelgate: 1 MB is 1,000,000 bytes. */

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, byte: 1, bytes: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, pb: 1e15 };
const NAMES: readonly (readonly [string, number])[] = [["PB", 1e15], ["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3]];

/** The number of bytes that a text means, or null if it is not a size or too large to be exact. A comma is a decimal point, too. */
export function parsedSize(text: string): number | null {
  const found = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = found && UNITS[(found[2] as string).toLowerCase()];
  if (!found || unit === undefined || unit === null) return null;
  const bytes = Math.round(Number((found[1] as string).replace(",", ".")) * unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** A size in a form that `parsedSize` reads back to the byte: `50 GB`, `1.5 TB`, or all bytes where no unit is exact. */
export function typedSize(bytes: number): string {
  for (const [name, unit] of NAMES) {
    const text = `${bytes / unit} ${name}`;
    if (bytes >= unit && /^\d+(\.\d{1,4})? /.test(text) && parsedSize(text) === bytes) return text;
  }
  return `${bytes} bytes`;
}
