import { ReelgateError, describe } from "@reelgate/client";
import type { ComponentChildren, JSX } from "preact";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icons.tsx";

/** A page or list that has nothing yet: what it is for, and how to begin. */
export function EmptyState({ icon, title, children, action }: { icon: IconName; title: string; children?: ComponentChildren; action?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <Icon name={icon} size={40} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** Something is being loaded. */
export function Loading({ label = "Loading" }: { label?: string }): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="wheel" aria-hidden="true" />
      <span>{label} …</span>
    </div>
  );
}

/** A sentence for the user about any error. */
export function sentenceOf(error: unknown): string {
  return describe(error);
}

/** The sentences about single fields of a form, by the field's name in the API. */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  const problem = error instanceof ReelgateError ? (error.problem as { errors?: readonly { field: string; message: string }[] } | null | undefined) : null;
  const found: Record<string, string> = {};
  for (const one of problem?.errors ?? []) found[one.field] ??= one.message;
  return found;
}

/** What has gone wrong, what can be done, and the number under which support finds it. */
export function ErrorMessage({ error, onRetry, children }: { error: unknown; onRetry?: (() => void) | undefined; children?: ComponentChildren }): JSX.Element {
  const requestId = error instanceof ReelgateError ? error.requestId : null;
  return (
    <div class="error-message" role="alert">
      <Icon name="warning" />
      <div>
        <p>{sentenceOf(error)}</p>
        {children}
        {requestId && (
          <p class="request-id">
            Request <code>{requestId}</code>
          </p>
        )}
        {onRetry && (
          <Button small icon="refresh" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

/** Something worth knowing that is no error. */
export function Note({ kind = "info", children }: { kind?: "info" | "warning"; children: ComponentChildren }): JSX.Element {
  return (
    <div class={`note ${kind}`}>
      <Icon name={kind} />
      <div>{children}</div>
    </div>
  );
}
