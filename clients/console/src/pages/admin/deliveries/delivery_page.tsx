import type { Delivery } from "@reelgate/client";
import type { JSX } from "preact";
import { reelgate } from "../../../app/client.ts";
import { useLoad, usePolling } from "../../../app/load.ts";
import type { PageProps } from "../../../app/pages.ts";
import { hrefTo } from "../../../app/router.ts";
import { formatTime } from "../../../format/dates.ts";
import { ErrorMessage, Facts, Icon, Loading, PageHeader, Section } from "../../../ui/index.ts";
import { UserOf } from "../audit/event_dialog.tsx";
import { StateBadge } from "./deliveries_page.tsx";
import { channelWords, stateWords, typeWords } from "./delivery_words.ts";
import { SendAgain } from "./send_again.tsx";

/** One mail or webhook: its state, its attempts, what it says. */
export default function DeliveryPage({ params: { id = "" } }: PageProps): JSX.Element {
  const found = useLoad(() => reelgate.admin.deliveries.get(id), [id]);
  const { data } = found;
  usePolling(data?.state === "sending" || data?.state === "pending", async () => found.set(await reelgate.admin.deliveries.get(id)));
  const back = (
    <a class="back" href={hrefTo("/admin/deliveries")}>
      <Icon name="back" size={16} /> All mails and webhooks
    </a>
  );
  return (
    <>
      <PageHeader title={data ? typeWords(data.type) : "Mail or webhook"} back={back} actions={data && <SendAgain delivery={data} onSent={found.set} />} />
      {found.error !== null && <ErrorMessage error={found.error} onRetry={found.reload} />}
      {data ? <Shown delivery={data} /> : found.error === null && <Loading />}
    </>
  );
}

function Shown({ delivery: one }: { delivery: Delivery }): JSX.Element {
  const data = Object.entries(one.data as Record<string, unknown>);
  return (
    <>
      <Section title="What became of it" actions={<StateBadge state={one.state} />}>
        <p>{stateWords(one.state).meaning}</p>
        <Facts
          facts={[
            ["By", channelWords(one.channel)],
            ["User", <UserOf key="user" id={one.user_id} />],
            ["It happened", formatTime(one.occurred_at)],
            ["Attempts", one.attempts],
            ["Last change", formatTime(one.updated_at)],
            ["Delivered", one.delivered_at ? formatTime(one.delivered_at) : "no"],
            ["Last answer", one.status ?? "none"],
            ["Reason", one.error ?? "none"],
            ["Kept until", formatTime(one.expires_at)],
            ["Message id", <code key="message">{one.message_id}</code>],
          ]}
        />
      </Section>
      {data.length > 0 && (
        <Section title="What it says">
          <Facts facts={data.map(([name, value]) => [name.replaceAll("_", " "), <code key={name}>{typeof value === "string" ? value : JSON.stringify(value)}</code>] as const)} />
        </Section>
      )}
    </>
  );
}
