import type { AuditEvent } from "@reelgate/client";
import type { JSX } from "preact";
import { hrefTo } from "../../../app/router.ts";
import { formatTime } from "../../../format/dates.ts";
import { ButtonLink, Dialog, Facts } from "../../../ui/index.ts";
import { actionWords } from "./actions.ts";

/** Everything that the log has about one event. */
export function EventDialog({ event, onClose }: { event: AuditEvent; onClose: () => void }): JSX.Element {
  const details = Object.entries(event.details as Record<string, unknown>);
  return (
    <Dialog
      title={actionWords(event.action)}
      onClose={onClose}
      wide
      actions={
        event.request_id && (
          <ButtonLink icon="help" href={hrefTo("/admin/explain", { id: event.request_id })}>
            Explain this request
          </ButtonLink>
        )
      }
    >
      <p>{event.description}</p>
      <Facts
        facts={[
          ["When", formatTime(event.at)],
          ["Outcome", event.outcome],
          ["Who", <UserOf key="who" id={event.user_id} />],
          ["Action", <code key="action">{event.action}</code>],
          ["Function", event.function],
          ["Request", event.request_id === null ? "none: an event of the storage, or scheduled work" : <code key="request">{event.request_id}</code>],
          ...details.map(([name, value]) => [name.replaceAll("_", " "), <code key={name}>{typeof value === "string" ? value : JSON.stringify(value)}</code>] as const),
        ]}
      />
    </Dialog>
  );
}

/** The user of an event: a link, unless nobody is known or the user is deleted. */
export function UserOf({ id }: { id: string | null }): JSX.Element {
  if (id === null || id === "") return <span class="quiet-text">nobody known</span>;
  if (id.startsWith("erased-")) return <span title={id}>a deleted user</span>;
  return (
    <a class="user-id" href={hrefTo(`/admin/users/${encodeURIComponent(id)}`)}>
      {id}
    </a>
  );
}
