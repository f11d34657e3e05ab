import type { JSX } from "preact";
import { hrefTo } from "../../../app/router.ts";
import { formatBytes } from "../../../format/bytes.ts";
import { formatTime } from "../../../format/dates.ts";
import { Badge, ButtonLink, Meter, Section } from "../../../ui/index.ts";
import { UserOf } from "../audit/event_dialog.tsx";
import { UserBadges } from "../users/users_page.tsx";
import type { Known } from "./explain_page.tsx";
import { FORM, chapterOf, type Event } from "./story.ts";

/** What happened, from the first event to the last, and how the accounts are now. */
export function Story({ id, known }: { id: string; known: Known }): JSX.Element {
  const [first, after] = [known.events.filter((event) => event.request_id === id), known.events.filter((event) => event.request_id !== id)];
  return (
    <>
      {first.length > 0 && (
        <Section
          title="What this request did"
          actions={
            <ButtonLink small icon="audit" href={hrefTo("/admin/audit", { request: id })}>
              In the audit log
            </ButtonLink>
          }
        >
          <Chapters events={first} />
        </Section>
      )}
      {after.length > 0 && (
        <Section title={first.length > 0 ? "What else happened to the upload" : "What happened to this upload"}>
          <Chapters events={after} />
        </Section>
      )}
      {known.users.map((user) => (
        <Section
          key={user.user_id}
          title="The account now"
          lead="These numbers are of now; those above are of that moment."
          actions={<UserBadges user={user} />}
        >
          <p>
            <a href={hrefTo(`/admin/users/${encodeURIComponent(user.user_id)}`)}>{user.email ?? user.user_id}</a>
          </p>
          <div class="user-meters">
            <Meter label="Storage" value={user.storage_used} max={user.limits.storage} text={`${formatBytes(user.storage_used)} of ${formatBytes(user.limits.storage)}`} />
            <Meter label="Data today" value={user.bandwidth_used} max={user.limits.bandwidth} text={`${formatBytes(user.bandwidth_used)} of ${formatBytes(user.limits.bandwidth)}`} />
          </div>
        </Section>
      ))}
    </>
  );
}

function Chapters({ events }: { events: readonly Event[] }): JSX.Element {
  return (
    <ol class="story">
      {events.map((event) => {
        const { title, why, next } = chapterOf(event, FORM);
        return (
          <li key={event.event_id}>
            <p class="story-head">
              <strong>{title}</strong>
              {event.outcome === "denied" ? <Badge kind="bad">denied</Badge> : <Badge kind="good">done</Badge>}
            </p>
            <p class="quiet-text small-text">
              {formatTime(event.at)}, <UserOf id={event.user_id} />
            </p>
            {why && <p>{why}</p>}
            {next && (
              <p>
                <strong>What to do:</strong> {next}
              </p>
            )}
          </li>
        );
      })}
    </ol>
  );
}
