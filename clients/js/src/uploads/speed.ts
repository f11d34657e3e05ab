/** How fast bytes go, over the last seconds. */

const WINDOW_MILLISECONDS = 10_000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** A moving average: smooth enough to read, quick enough to believe. */
export class Speedometer {
  #samples: Sample[] = [];

  /** Note how many bytes have gone in all. Times are milliseconds. */
  note(bytes: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.reset(); // the bucket has kept less than was sent
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && this.#samples[0]!.at < at - WINDOW_MILLISECONDS) this.#samples.shift();
  }

  /** Forget what was: after a pause, or a lost network. */
  reset(): void {
    this.#samples = [];
  }

  /** 0 while nobody can tell. */
  get bytesPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return Math.round(((last.bytes - first.bytes) * 1000) / (last.at - first.at));
  }
}
