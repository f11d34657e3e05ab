import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface Around {
  label: string;
  /** A sentence below the field. */
  hint?: ComponentChildren;
  /** What is wrong with what was entered. */
  error?: string | null | undefined;
  /** The label is for screen readers only, where the field explains itself by its place. */
  hideLabel?: boolean;
}

/** Ids that join a control with its label, its hint and its error. */
interface Joined {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** A label, a control that `children` makes, a hint and an error. */
export function Field({ label, hint, error, hideLabel, children }: Around & { children: (joined: Joined) => ComponentChildren }): JSX.Element {
  const id = useId();
  const about = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={id} class={hideLabel ? "visually-hidden" : undefined}>
        {label}
      </label>
      {children({ id, "aria-describedby": about || undefined, "aria-invalid": error ? true : undefined })}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export interface TextFieldProps extends Around {
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "email" | "password" | "search" | "number" | "date" | "datetime-local";
  name?: string;
  autocomplete?: string;
  placeholder?: string;
  required?: boolean;
  readOnly?: boolean;
  disabled?: boolean;
  maxLength?: number;
  min?: string | number;
  max?: string | number;
  step?: string | number;
  autofocus?: boolean;
}

/** One line of text, a number, a date or a password. */
export function TextField({ label, hint, error, hideLabel, value, onInput, type = "text", ...more }: TextFieldProps): JSX.Element {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      {(joined) => (
        <input
          {...joined}
          {...more}
          {...({ type } as { type: "text" }) /* what is common to all of them is allowed here */}
          value={value}
          spellcheck={type === "text" ? undefined : false}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

/** One of several. */
export function SelectField<T extends string>(
  props: Around & { value: T; choices: readonly Choice<T>[]; onChange: (value: T) => void; disabled?: boolean },
): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint} error={props.error} hideLabel={props.hideLabel ?? false}>
      {(joined) => (
        <select {...joined} value={props.value} disabled={props.disabled ?? false} onChange={(event) => props.onChange(event.currentTarget.value as T)}>
          {props.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function Checkbox(props: { label: ComponentChildren; hint?: ComponentChildren; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }): JSX.Element {
  const id = useId();
  return (
    <div class="checkbox">
      <input
        id={id}
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled ?? false}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  );
}
