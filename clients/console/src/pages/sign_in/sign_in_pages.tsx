import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ThemeSwitch } from "../../app/layout.tsx";
import { useLocation } from "../../app/router.ts";
import icon from "../../icon.svg";
import { ForgottenPassword } from "./forgotten_password.tsx";
import { Register } from "./register.tsx";
import { SignInForm } from "./sign_in_form.tsx";

/** What there is for somebody who is not signed in. Any other address is where they are after they have signed in. */
export function SignInPages(): JSX.Element {
  const { path } = useLocation();
  if (path === "/register") {
    return (
      <Card title="Create an account">
        <Register />
        <p class="card-links">
          <a href="#/">I have an account</a>
        </p>
      </Card>
    );
  }
  if (path === "/forgotten-password") {
    return (
      <Card title="Forgotten password">
        <ForgottenPassword />
        <p class="card-links">
          <a href="#/">Back to signing in</a>
        </p>
      </Card>
    );
  }
  return (
    <Card title="Sign in">
      <SignInForm />
      <p class="card-links">
        <a href="#/forgotten-password">Forgotten your password?</a>
        <a href="#/register">Create an account</a>
      </p>
    </Card>
  );
}

function Card({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${title} – Reelgate`;
  }, [title]);
  return (
    <main class="alone">
      <div class="card">
        <div class="brand">
          <img src={icon} alt="" width={26} height={26} />
          Reelgate
        </div>
        <h1>{title}</h1>
        {children}
      </div>
      <ThemeSwitch />
    </main>
  );
}
