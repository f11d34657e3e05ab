import type { ProgressType } from "./view/progress.js";

/** `HTMLElement`, or a stand-in where there is none: pages are also rendered on servers. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** The attributes that the element watches. */
export const OBSERVED = [
  "endpoint", "api", "token", "multiple", "accept", "type", "no-drop", "no-progress", "no-status", "no-retry", "pausable", "paused",
  "chunk-size", "max-file-size", "dynamic-chunk-size", "use-large-file-workaround", "parallel", "remember", "locale", "lang",
] as const;

/** Properties that are attributes, by the names that `<mux-uploader>` gives them. */
export class UploaderAttributes extends Base {
  /** Where the API is: `https://api.example.com`. With it, or with `client`, files become videos of the signed-in user. */
  get api(): string | null {
    return this.getAttribute("api");
  }
  set api(value: string | null | undefined) {
    this.#write("api", value);
  }

  /** How progress is drawn: `bar` (the default), `radial` or `percentage`. */
  get type(): ProgressType {
    const given = this.getAttribute("type");
    return given === "radial" || given === "percentage" ? given : "bar";
  }
  set type(value: ProgressType | null | undefined) {
    this.#write("type", value);
  }

  /** Without a drop zone: only the button. */
  get noDrop(): boolean {
    return this.hasAttribute("no-drop");
  }
  set noDrop(value: boolean) {
    this.toggleAttribute("no-drop", Boolean(value));
  }

  /** Without progress bars. */
  get noProgress(): boolean {
    return this.hasAttribute("no-progress");
  }
  set noProgress(value: boolean) {
    this.toggleAttribute("no-progress", Boolean(value));
  }

  /** Without sentences about what went wrong; the event `uploaderror` has them. */
  get noStatus(): boolean {
    return this.hasAttribute("no-status");
  }
  set noStatus(value: boolean) {
    this.toggleAttribute("no-status", Boolean(value));
  }

  /** Without buttons that try again. */
  get noRetry(): boolean {
    return this.hasAttribute("no-retry");
  }
  set noRetry(value: boolean) {
    this.toggleAttribute("no-retry", Boolean(value));
  }

  /** With buttons that pause. Uploads to an account have them anyway. */
  get pausable(): boolean {
    return this.hasAttribute("pausable");
  }
  set pausable(value: boolean) {
    this.toggleAttribute("pausable", Boolean(value));
  }

  /** Larger chunks while the connection is fast. Only with `endpoint`. */
  get dynamicChunkSize(): boolean {
    return this.hasAttribute("dynamic-chunk-size");
  }
  set dynamicChunkSize(value: boolean) {
    this.toggleAttribute("dynamic-chunk-size", Boolean(value));
  }

  /** Accepted and not needed: files are never read into memory here, whatever their size. */
  get useLargeFileWorkaround(): boolean {
    return this.hasAttribute("use-large-file-workaround");
  }
  set useLargeFileWorkaround(value: boolean) {
    this.toggleAttribute("use-large-file-workaround", Boolean(value));
  }

  /** Whether several files may be chosen. Always with an account; with `endpoint` only where it is a function. */
  get multiple(): boolean {
    return this.hasAttribute("multiple");
  }
  set multiple(value: boolean) {
    this.toggleAttribute("multiple", Boolean(value));
  }

  /** Whether a file is known again after a reload (by name, size and time). `remember="false"` forgets. */
  get remember(): boolean {
    return this.getAttribute("remember") !== "false";
  }
  set remember(value: boolean) {
    this.#write("remember", value ? null : "false");
  }

  /** What may be chosen, as of `<input type="file">`: `video/*, audio/*` unless set. */
  get accept(): string {
    return this.getAttribute("accept") ?? "video/*, audio/*";
  }
  set accept(value: string | null | undefined) {
    this.#write("accept", value);
  }

  /** Bytes of a chunk, in KiB: a multiple of 256. Only with `endpoint`. */
  get chunkSize(): number | undefined {
    return this.#number("chunk-size");
  }
  set chunkSize(value: number | null | undefined) {
    this.#write("chunk-size", value || null);
  }

  /** The largest file that is taken, in KiB. */
  get maxFileSize(): number | undefined {
    return this.#number("max-file-size");
  }
  set maxFileSize(value: number | null | undefined) {
    this.#write("max-file-size", value || null);
  }

  /** How many parts of a file are sent at once. Not with `endpoint`. */
  get parallel(): number | undefined {
    return this.#number("parallel");
  }
  set parallel(value: number | null | undefined) {
    this.#write("parallel", value || null);
  }

  /** The language, as a tag: `de`. Without it, that of the page around it. */
  get locale(): string | null {
    return this.getAttribute("locale");
  }
  set locale(value: string | null | undefined) {
    this.#write("locale", value);
  }

  #number(name: string): number | undefined {
    const value = Number.parseInt(this.getAttribute(name) ?? "", 10);
    return value > 0 ? value : undefined;
  }

  #write(name: string, value: string | number | null | undefined): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }
}
