import type { PageEntry } from "../../app/pages.ts";

type AdminPage = Omit<PageEntry, "admin">;

const PAGES: readonly AdminPage[] = [
  { path: "/admin/users", load: () => import("./users/users_page.tsx"), nav: { label: "Users", icon: "users", group: "admin" } },
  { path: "/admin/users/:id", load: () => import("./users/user_page.tsx") },
  { path: "/admin/usage", load: () => import("./usage/usage_of_all_page.tsx"), nav: { label: "Usage of all", icon: "usage", group: "admin" } },
  { path: "/admin/audit", load: () => import("./audit/audit_page.tsx"), nav: { label: "Audit log", icon: "audit", group: "admin" } },
  { path: "/admin/deliveries", load: () => import("./deliveries/deliveries_page.tsx"), nav: { label: "Mails and webhooks", icon: "mail", group: "admin" } },
  { path: "/admin/deliveries/:id", load: () => import("./deliveries/delivery_page.tsx") },
  { path: "/admin/explain", load: () => import("./explain/explain_page.tsx"), nav: { label: "Explain a refusal", icon: "help", group: "admin" } },
];

/** The pages of administrators; at the same addresses, others are told that they are not for them. */
export const adminPages: readonly PageEntry[] = PAGES.flatMap((page) => [
  { ...page, admin: true },
  { path: page.path, load: () => import("./for_admins.tsx") },
]);
