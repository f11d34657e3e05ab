import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId } from "preact/hooks";

export interface PageHeaderProps {
  title: string;
  /** Below the title. */
  children?: ComponentChildren;
  /** Buttons beside the title. */
  actions?: ComponentChildren;
  /** A link above the title. */
  back?: ComponentChildren;
  /** Whether the page is shown; for pages that are kept while the user is elsewhere. */
  active?: boolean;
}

/** The top of a page: its title, which is also the tab's, and what can be done on it. */
export function PageHeader({ title, children, actions, back, active = true }: PageHeaderProps): JSX.Element {
  useEffect(() => {
    if (active) document.title = `${title} – Reelgate`;
  }, [title, active]);
  return (
    <header class="page-header">
      {back}
      <div class="page-title">
        <h1>{title}</h1>
        {actions && <div class="page-actions">{actions}</div>}
      </div>
      {children}
    </header>
  );
}

/** A part of a page, with a heading. */
export function Section({ title, children, actions, lead }: { title: string; children: ComponentChildren; actions?: ComponentChildren; lead?: ComponentChildren }): JSX.Element {
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions && <div class="section-actions">{actions}</div>}
      </header>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}

/** Names and values: facts about one thing. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
