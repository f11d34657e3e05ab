import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "./icons.tsx";

/** `primary` is what the page is for, one on each page or dialog; `danger` cannot be undone; `quiet` has no border. */
export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

interface Look {
  kind?: ButtonKind;
  icon?: IconName;
  small?: boolean;
  children?: ComponentChildren;
  /** What the button does, where it shows only an icon. */
  label?: string;
}

function classOf({ kind = "plain", small, children }: Look): string {
  return ["button", kind, small && "small", !children && "icon-only"].filter(Boolean).join(" ");
}

export interface ButtonProps extends Look {
  onClick?: (event: MouseEvent) => void;
  type?: "button" | "submit";
  /** Something that it began is not finished: it cannot be pressed, and turns a wheel. */
  busy?: boolean;
  disabled?: boolean;
  /** For buttons that switch something on and off. */
  pressed?: boolean;
  autofocus?: boolean;
  describedBy?: string;
}

export function Button(props: ButtonProps): JSX.Element {
  const { busy = false, disabled = false, icon, label, children, type = "button", pressed, onClick } = props;
  return (
    <button
      type={type}
      class={classOf(props)}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      aria-pressed={pressed}
      aria-label={label}
      aria-describedby={props.describedBy}
      title={label}
      disabled={disabled}
      autofocus={props.autofocus}
      onClick={(event) => {
        if (busy) event.preventDefault(); // it keeps the focus, which a disabled button would lose
        else onClick?.(event);
      }}
    >
      {busy ? <span class="wheel" aria-hidden="true" /> : icon && <Icon name={icon} size={props.small ? 16 : 18} />}
      {children && <span>{children}</span>}
    </button>
  );
}

/** A link that looks like a button: it goes somewhere, and can be opened in another tab. */
export function ButtonLink(props: Look & { href: string }): JSX.Element {
  return (
    <a class={classOf(props)} href={props.href} aria-label={props.label} title={props.label}>
      {props.icon && <Icon name={props.icon} size={props.small ? 16 : 18} />}
      {props.children && <span>{props.children}</span>}
    </a>
  );
}
