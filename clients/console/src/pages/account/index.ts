import type { PageEntry } from "../../app/pages.ts";

/** The user's own account. */
export const accountPages: readonly PageEntry[] = [
  { path: "/account", load: () => import("./account_page.tsx"), nav: { label: "Account", icon: "account", group: "you" } },
];
