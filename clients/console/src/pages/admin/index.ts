import type { PageEntry } from "../../app/pages.ts";

/** What admins see beside their own pages. */
export const adminPages: readonly PageEntry[] = [];
