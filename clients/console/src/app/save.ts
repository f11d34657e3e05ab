import { ReelgateError } from "@reelgate/client";

/**
 * Has the browser save what is at an address of the bucket, whose answer says that it is to be saved, and under which name.
 * It is tried first: an error would otherwise take the place of this page, and of its uploads. Throws `storage_unavailable`.
 */
export async function saveFrom(url: string): Promise<void> {
  await checkAnswer(url);
  click(url, "");
}

/** Has the browser save something of this page under a name. */
export function saveFile(blob: Blob, filename: string): void {
  const url = URL.createObjectURL(blob);
  click(url, filename);
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // some browsers read it only after the click
}

function click(url: string, filename: string): void {
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: filename, rel: "noreferrer" });
  document.body.append(link);
  link.click();
  link.remove();
}

async function checkAnswer(url: string): Promise<void> {
  const stop = new AbortController();
  const options: RequestInit = { headers: { Range: "bytes=0-0" }, cache: "no-store", credentials: "omit", signal: stop.signal };
  try {
    const answer = await fetch(url, options).catch(() => fetch(url, { ...options, mode: "no-cors" })); // a bucket without CORS
    if (!answer.ok && answer.type !== "opaque") throw new ReelgateError("storage_unavailable", { status: answer.status });
  } catch (error) {
    throw error instanceof ReelgateError ? error : new ReelgateError("storage_unavailable", { cause: error });
  } finally {
    stop.abort();
  }
}
