import type { User } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../../app/action.ts";
import { reelgate } from "../../../app/client.ts";
import { Button, Checkbox, ErrorMessage, Section, TextField, confirm, fieldErrors, toast } from "../../../ui/index.ts";
import { limitChanges, type LimitsForm } from "./limit_changes.ts";
import { typedSize } from "./size_input.ts";

/** What a user may store and transfer: their own limits, or the deployment's. */
export function LimitsSection({ user, onChanged, onReload }: { user: User; onChanged: (user: User) => void; onReload: () => void }): JSX.Element {
  const { limits } = user;
  const [form, setForm] = useState<LimitsForm>({
    storage: { own: limits.own.includes("storage"), text: typedSize(limits.storage) },
    bandwidth: { own: limits.own.includes("bandwidth"), text: typedSize(limits.bandwidth) },
    alerts: { own: limits.own.includes("alert_percents"), text: limits.alert_percents.join(", ") },
  });
  const result = limitChanges(form, limits);
  const save = useAction(async () => {
    onChanged(await reelgate.admin.users.update(user.user_id, { limits: result.changes }));
    toast("The limits are saved. They count from the next request on.");
  });
  const reset = useAction(async () => {
    const question = {
      title: "Give the day back?",
      text: "What the user has transferred today no longer counts against the daily limit. It is billed all the same.",
      action: "Give the day back",
    };
    if (!(await confirm(question))) return;
    await reelgate.admin.users.resetUsage(user.user_id);
    toast("The whole daily limit is free again.");
    onReload();
  });
  const wrong = fieldErrors(save.error);
  const row = (name: keyof LimitsForm, label: string, hint: string, field: string) => (
    <div class="limit-row">
      <TextField
        label={label}
        hint={hint}
        value={form[name].text}
        disabled={!form[name].own}
        error={result.errors[name] ?? wrong[`limits.${field}`] ?? null}
        onInput={(text) => setForm({ ...form, [name]: { ...form[name], text } })}
      />
      <Checkbox
        label="As in the whole deployment"
        checked={!form[name].own}
        onChange={(isDefault) => setForm({ ...form, [name]: { ...form[name], own: !isDefault } })}
      />
    </div>
  );
  const unchanged = Object.keys(result.changes).length === 0;
  return (
    <Section
      title="Limits"
      lead="A limit below what is used removes nothing; it only refuses more."
      actions={
        <Button icon="restore" busy={reset.busy} onClick={() => void reset.run()}>
          Give the day back
        </Button>
      }
    >
      {reset.error !== null && <ErrorMessage error={reset.error} />}
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!unchanged && Object.keys(result.errors).length === 0) void save.run();
        }}
      >
        {row("storage", "Storage", "Such as 50 GB. 1 GB is 1,000,000,000 bytes.", "storage")}
        {row("bandwidth", "Data a day", "Uploads, watching and downloads together.", "bandwidth")}
        {row("alerts", "Alerts at percent of a limit", "Up to ten numbers, such as 80, 100.", "alert_percents")}
        {save.error !== null && <ErrorMessage error={save.error} />}
        <div class="form-actions">
          <Button type="submit" kind="primary" busy={save.busy} disabled={unchanged || Object.keys(result.errors).length > 0}>
            Save the limits
          </Button>
        </div>
      </form>
    </Section>
  );
}
