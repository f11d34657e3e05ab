import type { User } from "@reelgate/client";
import { ReelgateError } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { reelgate } from "../../../app/client.ts";
import { useLoad } from "../../../app/load.ts";
import type { PageProps } from "../../../app/pages.ts";
import { navigate } from "../../../app/router.ts";
import { Button, ErrorMessage, Loading, PageHeader, TextField } from "../../../ui/index.ts";
import { Story } from "./story_view.tsx";
import { inOrder, usersOf, videosOf, type Event } from "./story.ts";
import { UnknownRequest } from "./unknown_request.tsx";

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_EVENTS = 50;
const MAX_FOLLOWED = 5;

/** What is known about a request: its events, those of its uploads after them, and the accounts as they are now. */
export interface Known {
  readonly events: readonly Event[];
  readonly users: readonly User[];
}

/** Explains a refusal from the request id that the user has seen. */
export default function ExplainPage({ query }: PageProps): JSX.Element {
  const id = query.get("id")?.trim() ?? "";
  return (
    <>
      <PageHeader title="Explain a refusal">
        <p class="quiet-text">Every error message has a request id. Ask the user for it: this page says what happened, and what can be done.</p>
      </PageHeader>
      <Question key={id} id={id} />
      {ID.test(id) && <Answer key={`${id} found`} id={id} />}
    </>
  );
}

function Question({ id }: { id: string }): JSX.Element {
  const [typed, setTyped] = useState(id);
  const readable = ID.test(typed.trim());
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (readable) navigate("/admin/explain", { id: typed.trim() });
      }}
    >
      <TextField
        label="Request id, or the id of an upload"
        type="search"
        value={typed}
        onInput={setTyped}
        error={typed.trim() === "" || readable ? null : "An id has 1 to 64 letters, digits, hyphens and underscores."}
      />
      <div class="filters-actions">
        <Button type="submit" kind="primary" icon="search" disabled={!readable}>
          Explain
        </Button>
      </div>
    </form>
  );
}

function Answer({ id }: { id: string }): JSX.Element {
  const known = useLoad((signal) => find(id, signal), [id]);
  if (known.error !== null) return <ErrorMessage error={known.error} onRetry={known.reload} />;
  if (!known.data) return <Loading label="Reading the audit log" />;
  if (known.data.events.length === 0) return <UnknownRequest id={id} onAgain={known.reload} />;
  return <Story id={id} known={known.data} />;
}

/** As `python -m ops explain` does: the request's events, those of every upload that they name, and the users. */
async function find(id: string, signal: AbortSignal): Promise<Known> {
  const ask = async (query: Parameters<typeof reelgate.admin.audit>[0]) => {
    const page = await reelgate.admin.audit({ ...query, limit: MAX_EVENTS }, signal);
    return page.items as unknown as Event[];
  };
  const [ofRequest, ofUpload] = await Promise.all([id.length >= 8 ? ask({ request_id: id }) : [], ask({ video_id: id })]);
  const others = videosOf(ofRequest).filter((video) => video !== id).slice(0, MAX_FOLLOWED);
  const followed = await Promise.all(others.map((video_id) => ask({ video_id })));
  const events = inOrder(ofRequest, ofUpload, ...followed);
  const users = await Promise.all(usersOf(events).slice(0, MAX_FOLLOWED).map((one) => user(one, signal)));
  return { events, users: users.filter((one): one is User => one !== null) };
}

/** A user as they are now; null for one who is deleted. */
async function user(id: string, signal: AbortSignal): Promise<User | null> {
  try {
    return await reelgate.admin.users.get(id, signal);
  } catch (error) {
    if (error instanceof ReelgateError && error.status === 404) return null;
    throw error;
  }
}
