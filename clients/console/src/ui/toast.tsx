import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { createStore, useStore } from "../app/store.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icons.tsx";

export interface ToastOptions {
  kind?: "done" | "error";
  /** One thing that can be done about it, such as "Undo". */
  action?: { label: string; run: () => void };
}

interface Toast extends ToastOptions {
  readonly id: number;
  readonly text: string;
}

const SECONDS = 8;
const SECONDS_WITH_ACTION = 20;

const toasts = createStore<readonly Toast[]>([]);
let next = 1;

function remove(id: number): void {
  toasts.set((now) => now.filter((toast) => toast.id !== id));
}

/** Says what has happened, at the edge of the page and to screen readers. Nothing that matters is said only here. */
export function toast(text: string, options: ToastOptions = {}): void {
  const id = next++;
  toasts.set((now) => [...now.slice(-2), { id, text, ...options }]);
}

/** Where they appear; the shell has one. A toast stays while the pointer or the focus is on it. */
export function Toasts(): JSX.Element {
  const shown = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite" aria-label="Messages">
      {shown.map((one) => (
        <ToastLine key={one.id} toast={one} />
      ))}
    </div>
  );
}

function ToastLine({ toast: one }: { toast: Toast }): JSX.Element {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => remove(one.id), (one.action ? SECONDS_WITH_ACTION : SECONDS) * 1000);
    return () => clearTimeout(timer);
  }, [held, one]);
  const { action } = one;
  return (
    <div
      class={one.kind === "error" ? "toast error" : "toast"}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <Icon name={one.kind === "error" ? "warning" : "check"} />
      <p>{one.text}</p>
      {action && (
        <Button
          small
          onClick={() => {
            remove(one.id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <Button small kind="quiet" icon="close" label="Dismiss" onClick={() => remove(one.id)} />
    </div>
  );
}
