/** A shared video in React: asks the page's own server for another link when one is over. */
import "@reelgate/client/player";
import { ReelgatePlayer } from "@reelgate/client/react";
import { useState } from "react";

export function SharedVideo({ link, nextLink }: { link: string; nextLink: () => Promise<string> }) {
  const [grant, setGrant] = useState(link);
  return (
    <ReelgatePlayer
      grant={grant}
      onReady={({ title }) => console.log(`ready: ${title}`)}
      onRevoked={() => console.log("taken back")}
      onBudgetExhausted={async () => setGrant(await nextLink())} // the same element plays it
    />
  );
}
