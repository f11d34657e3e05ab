import type { PageEntry } from "../../app/pages.ts";

/** What the user has used. */
export const usagePages: readonly PageEntry[] = [
  { path: "/usage", load: () => import("./usage_page.tsx"), nav: { label: "Usage", icon: "usage", group: "you", tab: true } },
];
