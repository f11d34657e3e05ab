import type { JSX } from "preact";
import { SignInAgain } from "../pages/sign_in/sign_in_again.tsx";
import { SignInPages } from "../pages/sign_in/sign_in_pages.tsx";
import { Questions } from "../ui/dialog.tsx";
import { ErrorMessage, Loading } from "../ui/states.tsx";
import { Toasts } from "../ui/toast.tsx";
import { Layout } from "./layout.tsx";
import { restoreSession, session } from "./session.ts";
import { useStore } from "./store.ts";

/** The console: a page for whoever is signed in, otherwise a way to sign in. */
export function App(): JSX.Element {
  const now = useStore(session);
  return (
    <>
      {now.phase === "starting" && (
        <main class="alone">
          <Loading label="Opening the console" />
        </main>
      )}
      {now.phase === "unreachable" && (
        <main class="alone">
          <h1 class="visually-hidden">Reelgate</h1>
          <ErrorMessage error={now.error} onRetry={() => void restoreSession()} />
        </main>
      )}
      {now.phase === "out" && <SignInPages />}
      {(now.phase === "in" || now.phase === "expired") && <Layout user={now.user} />}
      {now.phase === "expired" && <SignInAgain email={now.user.email ?? ""} />}
      <Questions />
      <Toasts />
    </>
  );
}
