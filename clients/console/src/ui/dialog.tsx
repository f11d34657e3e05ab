import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { createStore, useStore } from "../app/store.ts";
import { Button } from "./button.tsx";

export interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** Buttons at the end; the browser's own way out (Escape) calls `onClose`. */
  actions?: ComponentChildren;
  wide?: boolean;
  /** It cannot be closed without an answer. */
  modalOnly?: boolean;
}

/** A window over the page. It is open as long as it is drawn; the focus goes in, stays in, and returns afterwards. */
export function Dialog({ title, onClose, children, actions, wide, modalOnly }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      dialog.current?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!modalOnly) onClose();
      }}
      onClick={(event) => event.target === dialog.current && !modalOnly && onClose()}
    >
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          {!modalOnly && <Button kind="quiet" icon="close" label="Close" onClick={onClose} />}
        </header>
        {children}
        {actions && <footer>{actions}</footer>}
      </div>
    </dialog>
  );
}

interface Question {
  readonly title: string;
  readonly text: ComponentChildren;
  /** What the button says that does it: "Delete for good", not "OK". */
  readonly action: string;
  readonly danger?: boolean;
}

const asked = createStore<(Question & { answer: (yes: boolean) => void }) | null>(null);

/** Asks before something that cannot be undone. Resolves to whether the user wants it. */
export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value?.answer(false);
    asked.set({
      ...question,
      answer: (yes) => {
        asked.set(null);
        resolve(yes);
      },
    });
  });
}

/** Where questions appear; the shell has one. */
export function Questions(): JSX.Element | null {
  const question = useStore(asked);
  if (!question) return null;
  return (
    <Dialog
      title={question.title}
      onClose={() => question.answer(false)}
      actions={
        <>
          <Button onClick={() => question.answer(false)} autofocus>
            Cancel
          </Button>
          <Button kind={question.danger ? "danger" : "primary"} onClick={() => question.answer(true)}>
            {question.action}
          </Button>
        </>
      }
    >
      <p>{question.text}</p>
    </Dialog>
  );
}

/** A button that copies a text, and says so for a moment. */
export function CopyButton({ text, label = "Copy", kind = "plain" }: { text: string; label?: string; kind?: "plain" | "primary" }): JSX.Element {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Select it and copy it"); // the browser does not allow it
    }
  };
  return (
    <Button kind={kind} icon={said === "Copied" ? "check" : "copy"} onClick={() => void copy()}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}
