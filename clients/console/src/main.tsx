import { render } from "preact";
import { App } from "./app/app.tsx";
import { startSession } from "./app/session.ts";
import "./app/theme.ts";

startSession();
render(<App />, document.getElementById("app") as HTMLElement);
