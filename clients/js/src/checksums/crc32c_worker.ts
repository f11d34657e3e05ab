/** The worker: `{ id, blob }` is answered by `{ id, crc }`, or by `{ id }` if the blob cannot be read; `{ id, stop }` ends it. */
import { crc32cOfBlob } from "./crc32c.js";

interface Order {
  readonly id: number;
  readonly blob?: Blob;
}

const running = new Set<number>();

addEventListener("message", (event: MessageEvent<Order>) => {
  const { id, blob } = event.data;
  if (blob === undefined) {
    running.delete(id);
    return;
  }
  running.add(id);
  crc32cOfBlob(blob, 4 * 1024 * 1024, () => !running.has(id)).then(
    (crc) => {
      if (running.delete(id)) postMessage({ id, crc });
    },
    () => {
      if (running.delete(id)) postMessage({ id });
    },
  );
});
