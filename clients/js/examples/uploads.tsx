// Sign in, upload, and see what there is: React around <reelgate-uploader>.
import { describe, Reelgate, type Video } from "@reelgate/client";
import { ReelgateUploader } from "@reelgate/client/react";
import "@reelgate/client/uploader";
import { StrictMode, useCallback, useEffect, useState, type FormEvent } from "react";
import { createRoot } from "react-dom/client";

const api = document.querySelector<HTMLMetaElement>("meta[name=reelgate-api]")?.content ?? "http://127.0.0.1:8080";
const reelgate = new Reelgate({ endpoint: api });

function SignIn() {
  const [problem, setProblem] = useState("");
  async function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    try {
      await reelgate.auth.signIn(String(form.get("email")), String(form.get("password")));
    } catch (error) {
      setProblem(describe(error));
    }
  }
  return (
    <form onSubmit={(event) => void signIn(event)}>
      <label>
        E-mail <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button>Sign in</button>
      <p role="alert">{problem}</p>
    </form>
  );
}

function Library() {
  const [videos, setVideos] = useState<readonly Video[]>([]);
  const refresh = useCallback(async () => setVideos((await reelgate.videos.list({ limit: 20 })).items), []);
  useEffect(() => void refresh(), [refresh]);
  return (
    <>
      <ReelgateUploader client={reelgate} onReady={() => void refresh()} />
      <ul>
        {videos.map((video) => (
          <li key={video.video_id}>{video.title ?? video.filename}</li>
        ))}
      </ul>
    </>
  );
}

function App() {
  const [session, setSession] = useState(reelgate.auth.session);
  useEffect(() => reelgate.auth.onChange(setSession), []);
  return session ? <Library /> : <SignIn />;
}

createRoot(document.querySelector("#app")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
