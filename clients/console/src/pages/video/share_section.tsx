import type { Grant, Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { formatBytes, formatCount } from "../../format/bytes.ts";
import { formatRelative, formatTime } from "../../format/dates.ts";
import { Badge, Button, confirm, ErrorMessage, Loading, Pager, Section, Table, toast, usePages, type Column } from "../../ui/index.ts";
import { ShareDialog } from "./share_dialog.tsx";

/** Why a link is over, in a word. */
const STATES: Readonly<Record<Grant["state"], { label: string; kind: "good" | "quiet" }>> = {
  active: { label: "Works", kind: "good" },
  expired: { label: "Expired", kind: "quiet" },
  revoked: { label: "Revoked", kind: "quiet" },
  used_up: { label: "Used up", kind: "quiet" },
  video_deleted: { label: "Video deleted", kind: "quiet" },
  account_disabled: { label: "Account disabled", kind: "quiet" },
};

/** Links by which people without an account watch the video. */
export function ShareSection({ video }: { video: Video }): JSX.Element {
  const [shares, setShares] = useState(false);
  const action = useWork();
  const list = usePages(
    (cursor, signal) => reelgate.grants.list(video.video_id, { cursor, limit: 50 }, signal),
    (grant: Grant) => grant.grant_id,
    [video.video_id],
  );
  const active = list.items.filter((grant) => grant.state === "active").length;

  useEffect(() => {
    const seen = () => !document.hidden && list.reload(); // plays may have been added meanwhile
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [video.video_id]);

  const revoke = async (grant: Grant) => {
    const sure = await confirm({
      title: "Revoke this link",
      text: "Nobody can begin to watch with it any more, and those who are watching are stopped within minutes. It cannot be taken back; you can make another link.",
      action: "Revoke",
      danger: true,
    });
    if (!sure || !(await action.run(() => reelgate.grants.revoke(grant.grant_id)))) return;
    toast("The link was revoked.");
    list.reload();
  };
  const revokeAll = async () => {
    const sure = await confirm({
      title: "Revoke all links",
      text: "All links to this video end, however many there are. Those who are watching are stopped within minutes.",
      action: "Revoke all",
      danger: true,
    });
    if (!sure || !(await action.run(() => reelgate.grants.revokeAll(video.video_id)))) return;
    toast("All links to this video were revoked.");
    list.reload();
  };

  return (
    <Section
      title="Sharing"
      actions={
        <>
          {list.items.length > 0 && <Button small kind="quiet" icon="refresh" label="Load the numbers again" busy={list.loading} onClick={list.reload} />}
          {active > 1 && (
            <Button small busy={action.busy} onClick={() => void revokeAll()}>
              Revoke all
            </Button>
          )}
          <Button small kind="primary" icon="share" onClick={() => setShares(true)}>
            Share
          </Button>
        </>
      }
    >
      {action.error !== null && <ErrorMessage error={action.error} />}
      {!list.begun && list.loading && <Loading label="Loading links" />}
      {list.begun && list.items.length === 0 && <p class="quiet-text">Nobody but you can watch this video. Make a link for others: they need no account, and you can take it back at any time.</p>}
      {list.items.length > 0 && <Table caption="Links to this video" columns={columns((grant) => void revoke(grant))} rows={list.items} keyOf={(grant) => grant.grant_id} />}
      <Pager list={list} noun="links" />
      {shares && <ShareDialog video={video} onClose={() => setShares(false)} onDone={list.reload} />}
    </Section>
  );
}

function columns(revoke: (grant: Grant) => void): readonly Column<Grant>[] {
  return [
    {
      title: "Link",
      heading: true,
      cell: (grant) => (
        <span class="stack tight">
          <span>{grant.label ?? "Without a name"}</span>
          {grant.origins.length > 0 && <span class="quiet-text small-text">only on {grant.origins.join(", ")}</span>}
        </span>
      ),
    },
    { title: "State", cell: (grant) => <Badge kind={STATES[grant.state].kind}>{STATES[grant.state].label}</Badge> },
    { title: "Plays", number: true, cell: (grant) => `${formatCount(grant.plays)}${grant.max_plays === null ? "" : ` of ${formatCount(grant.max_plays)}`}` },
    { title: "Data", number: true, cell: (grant) => `${formatBytes(grant.charged_bytes)}${grant.max_bytes === null ? "" : ` of ${formatBytes(grant.max_bytes)}`}` },
    { title: "Ends", cell: (grant) => <time dateTime={grant.expires_at} title={formatTime(grant.expires_at)}>{formatRelative(grant.expires_at)}</time> },
    {
      title: "Actions",
      actions: true,
      cell: (grant) =>
        grant.state === "active" && (
          <Button small onClick={() => revoke(grant)}>
            Revoke<span class="visually-hidden"> {grant.label ?? "the link without a name"}</span>
          </Button>
        ),
    },
  ];
}
