import type { Delivery } from "@reelgate/client";
import type { JSX } from "preact";
import { useAction } from "../../../app/action.ts";
import { reelgate } from "../../../app/client.ts";
import { Button, confirm, sentenceOf, toast } from "../../../ui/index.ts";
import { channelWords, stateWords, typeWords } from "./delivery_words.ts";

/** Sends a mail or webhook again, and says what came of it. */
export function SendAgain({ delivery, small = false, onSent }: { delivery: Delivery; small?: boolean; onSent: (delivery: Delivery) => void }): JSX.Element {
  const about = `${typeWords(delivery.type)}, ${channelWords(delivery.channel)}`;
  const send = useAction(async () => {
    const twice = delivery.state === "uncertain" || delivery.state === "delivered";
    const question = { title: "Send it again?", text: "It may have arrived already; then the recipient gets it twice.", action: "Send again" };
    if (twice && !(await confirm(question))) return;
    try {
      const sent = await reelgate.admin.deliveries.redeliver(delivery.delivery_id);
      onSent(sent);
      toast(`${about}: ${stateWords(sent.state).label}.`, { kind: sent.state === "delivered" ? "done" : "error" });
    } catch (error) {
      toast(`${about}: ${sentenceOf(error)}`, { kind: "error" });
      throw error;
    }
  });
  return (
    <Button small={small} icon="mail" busy={send.busy} onClick={() => void send.run()}>
      Send again<span class="visually-hidden">: {about}</span>
    </Button>
  );
}
