import type { ComponentChildren, JSX } from "preact";

/** A state in a word. The colour repeats what the word says. */
export function Badge({ kind = "quiet", children }: { kind?: "quiet" | "good" | "busy" | "warning" | "bad"; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${kind}`}>{children}</span>;
}
