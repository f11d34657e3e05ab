import { createElement, forwardRef, useEffect, useImperativeHandle, useRef, type CSSProperties, type ReactElement, type ReactNode } from "react";
import type { ReelgateUploaderElement, UploaderEventMap } from "../uploader/index.js";

/** Properties of the element that a page sets. */
type Properties = Pick<
  ReelgateUploaderElement,
  | "client" | "api" | "token" | "endpoint" | "multiple" | "accept" | "type" | "parallel" | "remember" | "chunkSize" | "maxFileSize" | "dynamicChunkSize"
  | "useLargeFileWorkaround" | "pausable" | "paused" | "noDrop" | "noProgress" | "noStatus" | "noRetry" | "locale"
>;

/** The component's events, by the names of the element's. */
const EVENTS = {
  onFileReady: "file-ready",
  onUploadStart: "uploadstart",
  onChunkAttempt: "chunkattempt",
  onChunkSuccess: "chunksuccess",
  onProgress: "progress",
  onSuccess: "success",
  onUploadError: "uploaderror",
  onReady: "ready",
  onQueueChange: "queuechange",
  onPausedChange: "pausedchange",
  onOffline: "offline",
  onOnline: "online",
} as const satisfies Record<string, keyof UploaderEventMap>;

type Events = typeof EVENTS;
type EventName = keyof Events;
type Handlers = {
  [N in EventName]?: ((detail: UploaderEventMap[Events[N]]["detail"], event: UploaderEventMap[Events[N]]) => void) | undefined;
};

/** What the element has where a page says nothing. A property that is left out later gets this again. */
const DEFAULTS: { [N in keyof Properties]-?: Properties[N] | null | undefined } = {
  client: null, api: null, token: null, endpoint: null, multiple: false, accept: null, type: null, parallel: null, remember: true,
  chunkSize: null, maxFileSize: null, dynamicChunkSize: false, useLargeFileWorkaround: false, pausable: false, paused: false, noDrop: false,
  noProgress: false, noStatus: false, noRetry: false, locale: null,
};

/** Props of {@link ReelgateUploader}. Children go into the element's slots (`<button slot="file-select">`). */
export type ReelgateUploaderProps = { [N in keyof Properties]?: Properties[N] | null | undefined } & Handlers & {
    readonly id?: string | undefined;
    readonly className?: string | undefined;
    readonly style?: CSSProperties | undefined;
    readonly lang?: string | undefined;
    readonly children?: ReactNode;
  };

/** `<reelgate-uploader>` in React. `ref` is the element. Import `@reelgate/client/uploader` once, which defines it. */
export const ReelgateUploader = forwardRef<ReelgateUploaderElement, ReelgateUploaderProps>(function ReelgateUploader(props, ref): ReactElement {
  const element = useRef<ReelgateUploaderElement>(null);
  const latest = useRef(props);
  const given = useRef<Partial<Record<keyof Properties, unknown>>>({});
  useImperativeHandle(ref, () => element.current as ReelgateUploaderElement, []);

  useEffect(() => {
    latest.current = props;
    for (const name of Object.keys(DEFAULTS) as (keyof Properties)[]) {
      const value = props[name] ?? DEFAULTS[name];
      if (Object.is(value, given.current[name] ?? DEFAULTS[name])) continue;
      given.current[name] = value;
      Object.assign(element.current as object, { [name]: value });
    }
  });

  useEffect(() => {
    const listening = new AbortController();
    for (const [name, kind] of Object.entries(EVENTS) as [EventName, keyof UploaderEventMap][]) {
      const tell = (event: Event): void => (latest.current[name] as ((detail: unknown, event: Event) => void) | undefined)?.((event as CustomEvent).detail, event);
      element.current?.addEventListener(kind, tell, { signal: listening.signal });
    }
    return () => listening.abort();
  }, []);

  const { id, className, style, lang, children } = props;
  return createElement("reelgate-uploader", { ref: element, id, class: className, style, lang }, children);
});
