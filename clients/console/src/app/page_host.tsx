import type { Session } from "@reelgate/client";
import type { ComponentType, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, ButtonLink } from "../ui/button.tsx";
import { PageHeader } from "../ui/page.tsx";
import { EmptyState, Loading } from "../ui/states.tsx";
import { HOME, PAGES, type PageEntry, type PageProps } from "./pages.ts";
import { match, navigate, useLocation } from "./router.ts";

const loaded = new Map<PageEntry, ComponentType<PageProps>>();

/** The entry of a path, as far as this user has it. */
export function entryOf(path: string, user: Session): { entry: PageEntry; params: Record<string, string> } | null {
  for (const entry of PAGES) {
    const params = match(entry.path, path);
    if (params && (!entry.admin || user.role === "admin")) return { entry, params };
  }
  return null;
}

/** Shows the page that the address names. */
export function PageHost({ user }: { user: Session }): JSX.Element {
  const { path, query } = useLocation();
  const found = entryOf(path, user);
  const main = useRef<HTMLElement>(null);
  const shown = useRef<string | null>(null);

  useEffect(() => {
    if (path === "/") navigate(HOME, {}, { replace: true });
  }, [path]);

  // Screen readers go on at the new page, and the keyboard begins at its top.
  useEffect(() => {
    if (shown.current !== null && shown.current !== path) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    shown.current = path;
  }, [path]);

  const [kept, setKept] = useState<readonly PageEntry[]>([]);
  useEffect(() => {
    if (found?.entry.keep) setKept((now) => (now.includes(found.entry) ? now : [...now, found.entry]));
  }, [found?.entry]);

  return (
    <main class="main" id="main" tabIndex={-1} ref={main}>
      {kept.map((entry) => (
        <div key={entry.path} hidden={entry !== found?.entry}>
          <LazyPage entry={entry} params={{}} query={query} user={user} active={entry === found?.entry} />
        </div>
      ))}
      {found ? !found.entry.keep && <LazyPage key={path} entry={found.entry} params={found.params} query={query} user={user} active /> : path !== "/" && <NoPage />}
    </main>
  );
}

function LazyPage({ entry, ...props }: PageProps & { entry: PageEntry }): JSX.Element {
  const [, setTurn] = useState(0);
  const [failed, setFailed] = useState(false);
  const Page = loaded.get(entry);
  useEffect(() => {
    if (Page) return;
    let gone = false;
    entry.load().then(
      (module) => {
        loaded.set(entry, module.default);
        if (!gone) setTurn((now) => now + 1);
      },
      () => !gone && setFailed(true),
    );
    return () => void (gone = true);
  }, [entry]);
  if (Page) return <Page {...props} />;
  if (!failed) return <Loading />;
  return (
    <EmptyState
      icon="warning"
      title="This page could not be loaded"
      action={
        <Button kind="primary" onClick={() => location.reload()}>
          Load the console again
        </Button>
      }
    >
      The connection was lost, or the console was updated a moment ago.
    </EmptyState>
  );
}

function NoPage(): JSX.Element {
  return (
    <>
      <PageHeader title="There is no such page" />
      <EmptyState
        icon="help"
        title="The address may be mistyped"
        action={
          <ButtonLink kind="primary" href={`#${HOME}`}>
            Go to the library
          </ButtonLink>
        }
      />
    </>
  );
}
