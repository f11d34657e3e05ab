import type { Session } from "@reelgate/client";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import icon from "../icon.svg";
import { Button } from "../ui/button.tsx";
import { confirm, Dialog } from "../ui/dialog.tsx";
import { Icon, type IconName } from "../ui/icons.tsx";
import { uploads } from "./background.ts";
import { PageHost } from "./page_host.tsx";
import { HOME, PAGES, type PageEntry } from "./pages.ts";
import { useLocation } from "./router.ts";
import { signOut } from "./session.ts";
import { useStore } from "./store.ts";
import { chooseTheme, theme, type Theme } from "./theme.ts";
import { refreshUsage, UsageMeters } from "./usage.tsx";

type Shown = PageEntry & { readonly nav: NonNullable<PageEntry["nav"]> };

const GROUPS = [
  { group: "videos", title: null },
  { group: "you", title: "You" },
  { group: "admin", title: "Administration" },
] as const;

function entriesFor(user: Session): Shown[] {
  return PAGES.filter((entry): entry is Shown => entry.nav !== undefined && (!entry.admin || user.role === "admin"));
}

/** Whether a navigation entry is the one that the user is at: a video belongs to the library. */
function isCurrent(entry: PageEntry, path: string): boolean {
  return path === entry.path || path.startsWith(`${entry.path}/`) || (entry.path === HOME && path.startsWith("/videos/"));
}

/** The frame around every page of somebody who is signed in. */
export function Layout({ user }: { user: Session }): JSX.Element {
  const { path } = useLocation();
  const [menu, setMenu] = useState(false);
  useEffect(() => setMenu(false), [path]);
  useEffect(() => void refreshUsage(), [path]);
  const entries = entriesFor(user);
  const tabs = entries.filter((entry) => entry.nav.tab);
  const elsewhere = !tabs.some((entry) => isCurrent(entry, path));
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}>
        Skip to the page
      </a>
      <div class="shell">
        <header class="sidebar">
          <Brand />
          <Navigation entries={entries} path={path} label="Pages" />
          <div class="sidebar-end">
            <UsageMeters />
            <You user={user} />
          </div>
        </header>
        <header class="topbar">
          <Brand />
          <ThemeSwitch />
        </header>
        <PageHost user={user} />
        <Offline />
        <nav class="tabs" aria-label="Pages">
          <ul>
            {tabs.map((entry) => (
              <li key={entry.path}>
                <a class="tab" href={`#${entry.path}`} aria-current={isCurrent(entry, path) ? "page" : undefined}>
                  <Icon name={entry.nav.icon} size={22} />
                  <span>{entry.nav.label}</span>
                  {entry.path === "/upload" && <UploadCount />}
                </a>
              </li>
            ))}
            <li>
              <button type="button" class="tab" aria-haspopup="dialog" aria-current={elsewhere ? "true" : undefined} onClick={() => setMenu(true)}>
                <Icon name="more" size={22} />
                <span>More</span>
              </button>
            </li>
          </ul>
        </nav>
      </div>
      {menu && (
        <Dialog title="More" onClose={() => setMenu(false)}>
          <div class="menu-sheet">
            <Navigation entries={entries.filter((entry) => !entry.nav.tab)} path={path} label="More pages" />
            <UsageMeters />
            <You user={user} />
          </div>
        </Dialog>
      )}
    </>
  );
}

/** Says that there is no network, and that nothing has to be done about it. */
function Offline(): JSX.Element {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const heard = () => setOnline(navigator.onLine);
    addEventListener("online", heard);
    addEventListener("offline", heard);
    return () => {
      removeEventListener("online", heard);
      removeEventListener("offline", heard);
    };
  }, []);
  return (
    <div role="status">
      {!online && (
        <p class="offline">
          <Icon name="warning" size={18} /> You are offline. Uploads and this page go on by themselves when you are back.
        </p>
      )}
    </div>
  );
}

function Brand(): JSX.Element {
  return (
    <a class="brand" href={`#${HOME}`}>
      <img src={icon} alt="" width={26} height={26} />
      Reelgate
    </a>
  );
}

function Navigation({ entries, path, label }: { entries: readonly Shown[]; path: string; label: string }): JSX.Element {
  return (
    <nav class="stack" aria-label={label}>
      {GROUPS.map(({ group, title }) => {
        const members = entries.filter((entry) => entry.nav.group === group);
        return (
          members.length > 0 && (
            <div class="nav-group" key={group}>
              {title && <h2>{title}</h2>}
              <ul>
                {members.map((entry) => (
                  <li key={entry.path}>
                    <a class="nav-link" href={`#${entry.path}`} aria-current={isCurrent(entry, path) ? "page" : undefined}>
                      <Icon name={entry.nav.icon} />
                      {entry.nav.label}
                      {entry.path === "/upload" && <UploadCount />}
                    </a>
                  </li>
                ))}
              </ul>
            </div>
          )
        );
      })}
    </nav>
  );
}

/** How many files are on their way, wherever the user is. */
function UploadCount(): JSX.Element | null {
  const { running } = useStore(uploads);
  if (running === 0) return null;
  return (
    <span class="count">
      {running}
      <span class="visually-hidden"> on their way</span>
    </span>
  );
}

/** Signs out; asks before if files are on their way, which then stop. */
async function askAndSignOut(): Promise<void> {
  const { running } = uploads.value;
  const question = {
    title: "Sign out while files are on their way?",
    text: `${running === 1 ? "One upload stops" : `${running} uploads stop`}. What has arrived is kept: sign in again and choose the same files to go on.`,
    action: "Stop and sign out",
  };
  if (running === 0 || (await confirm(question))) await signOut();
}

function You({ user }: { user: Session }): JSX.Element {
  return (
    <div class="stack">
      <ThemeSwitch />
      <div class="who">
        <p title={user.email ?? ""}>{user.email}</p>
        <Button small kind="quiet" icon="exit" label="Sign out" onClick={() => void askAndSignOut()} />
      </div>
    </div>
  );
}

const THEMES: readonly { theme: Theme; icon: IconName; label: string }[] = [
  { theme: "system", icon: "device", label: "As the device" },
  { theme: "light", icon: "sun", label: "Light" },
  { theme: "dark", icon: "moon", label: "Dark" },
];

/** Light, dark, or as the device has it. */
export function ThemeSwitch(): JSX.Element {
  const chosen = useStore(theme);
  return (
    <div class="segmented" role="group" aria-label="Colours">
      {THEMES.map((one) => (
        <button key={one.theme} type="button" aria-label={one.label} title={one.label} aria-pressed={chosen === one.theme} onClick={() => chooseTheme(one.theme)}>
          <Icon name={one.icon} size={16} />
        </button>
      ))}
    </div>
  );
}
