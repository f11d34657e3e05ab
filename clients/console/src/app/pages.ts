import type { Session } from "@reelgate/client";
import type { ComponentType } from "preact";
import type { IconName } from "../ui/icons.tsx";
import { accountPages } from "../pages/account/index.ts";
import { adminPages } from "../pages/admin/index.ts";
import { usagePages } from "../pages/usage/index.ts";

/** What every page gets. */
export interface PageProps {
  /** The named parts of the path: `id` of `/videos/:id`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly user: Session;
  /** Whether the page is the one that is shown; false only for pages that are kept. */
  readonly active: boolean;
}

/** A page of the console. */
export interface PageEntry {
  /** `/videos/:id`; `:id` is one part of the path. */
  readonly path: string;
  /** Loads the page's script when somebody goes there; its default export is the component. */
  readonly load: () => Promise<{ default: ComponentType<PageProps> }>;
  /** Where it is in the navigation; left out for pages that others lead to. */
  readonly nav?: {
    readonly label: string;
    readonly icon: IconName;
    readonly group: "videos" | "you" | "admin";
    /** It has a place in the bar at the bottom of a phone, which has room for four. */
    readonly tab?: boolean;
  };
  /** It stays, hidden, while the user is elsewhere, because something goes on there. */
  readonly keep?: boolean;
  /** Only admins see it. (The API refuses everybody else anyway.) */
  readonly admin?: boolean;
}

/** The page that is shown first. */
export const HOME = "/library";

/** All pages, in the order of the navigation. */
export const PAGES: readonly PageEntry[] = [
  {
    path: HOME,
    load: () => import("../pages/library/library_page.tsx"),
    nav: { label: "Library", icon: "library", group: "videos", tab: true },
  },
  {
    path: "/upload",
    load: () => import("../pages/upload/upload_page.tsx"),
    nav: { label: "Upload", icon: "upload", group: "videos", tab: true },
    keep: true,
  },
  {
    path: "/trash",
    load: () => import("../pages/trash/trash_page.tsx"),
    nav: { label: "Trash", icon: "trash", group: "videos", tab: true },
  },
  { path: "/videos/:id", load: () => import("../pages/video/video_page.tsx") },
  ...usagePages,
  ...accountPages,
  ...adminPages,
];
