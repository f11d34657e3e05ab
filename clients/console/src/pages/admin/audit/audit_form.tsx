import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { navigate } from "../../../app/router.ts";
import { Button, Field, SelectField, TextField } from "../../../ui/index.ts";
import { ACTION_CHOICES } from "./actions.ts";
import { NO_FILTERS, type AuditFilters } from "./filters.ts";

/** The filters. They are in the page's address, so that a search can be kept and sent. Searching again for the same looks again. */
export function AuditForm({ filters, onSearch }: { filters: AuditFilters; onSearch: () => void }): JSX.Element {
  const [form, setForm] = useState(filters);
  const [more, setMore] = useState(() => matchMedia("(min-width: 760px)").matches || Object.entries(filters).some(([name, value]) => name !== "who" && value !== ""));
  const set = (name: keyof AuditFilters) => (value: string) => setForm((now) => ({ ...now, [name]: value }));
  return (
    <form
      class="filters wide"
      role="search"
      aria-label="Filter the log"
      onSubmit={(event) => {
        event.preventDefault();
        navigate("/admin/audit", { ...form });
        onSearch();
      }}
    >
      <TextField label="User: address or id" type="search" value={form.who} onInput={set("who")} />
      {more && (
        <>
          <TextField label="Video or upload id" type="search" value={form.video} onInput={set("video")} />
          <TextField label="Request id" type="search" value={form.request} onInput={set("request")} />
          <Field label="Action">
            {(joined) => (
              <select {...joined} value={form.action} onChange={(event) => set("action")(event.currentTarget.value)}>
                <option value="">all</option>
                {!ACTION_CHOICES.some(([action]) => action === form.action) && form.action !== "" && <option value={form.action}>{form.action}</option>}
                {ACTION_CHOICES.map(([action, words]) => (
                  <option key={action} value={action}>
                    {words}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <SelectField
            label="Outcome"
            value={form.outcome}
            onChange={set("outcome")}
            choices={[
              { value: "", label: "all" },
              { value: "done", label: "done" },
              { value: "denied", label: "denied" },
            ]}
          />
          <TextField label="From" type="datetime-local" value={form.from} onInput={set("from")} />
          <TextField label="Until" type="datetime-local" value={form.to} onInput={set("to")} />
        </>
      )}
      <div class="filters-actions">
        <Button type="submit" kind="primary" icon="search">
          Search
        </Button>
        {!more && (
          <Button kind="quiet" onClick={() => setMore(true)}>
            More filters
          </Button>
        )}
        <Button kind="quiet" onClick={() => navigate("/admin/audit", { ...NO_FILTERS })}>
          Clear
        </Button>
      </div>
    </form>
  );
}
