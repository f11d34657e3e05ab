import { createElement, useEffect, useRef, type HTMLAttributes, type ReactElement, type Ref } from "react";
import type { ReadyDetail, RefusedDetail, ReelgatePlayer as PlayerElement } from "../player/index.js";

/** Properties of `<ReelgatePlayer>`: the element's attributes and events. Others go to the element as they are. */
export interface ReelgatePlayerProps extends Omit<HTMLAttributes<PlayerElement>, "onPlay" | "onPause" | "onEnded"> {
  /** A grant's token, or the link of its watch page. */
  grant?: string;
  /** Where the API is, for a token. */
  api?: string;
  /** Without a grant: a playlist or file. */
  src?: string;
  type?: string;
  poster?: string;
  autoplay?: boolean;
  muted?: boolean;
  loop?: boolean;
  onReady?: (video: ReadyDetail) => void;
  onRefused?: (refusal: RefusedDetail) => void;
  onRevoked?: (refusal: RefusedDetail) => void;
  onBudgetExhausted?: (refusal: RefusedDetail) => void;
  onPlay?: () => void;
  onPause?: () => void;
  onEnded?: () => void;
  /** The element. */
  ref?: Ref<PlayerElement>;
}

/** `<reelgate-player>` in React. Import `@reelgate/client/player` once, which defines the element. */
export function ReelgatePlayer(props: ReelgatePlayerProps): ReactElement {
  const { onReady, onRefused, onRevoked, onBudgetExhausted, onPlay, onPause, onEnded, ref, autoplay, muted, loop, ...attributes } = props;
  const own = useRef<PlayerElement | null>(null);
  const handlers = useRef<Record<string, ((detail: never) => void) | undefined>>({});
  handlers.current = {
    ready: onReady,
    refused: onRefused,
    revoked: onRevoked,
    budgetexhausted: onBudgetExhausted,
    play: onPlay,
    pause: onPause,
    ended: onEnded,
  };
  useEffect(() => {
    const element = own.current;
    if (!element) return;
    const listening = new AbortController();
    for (const type of Object.keys(handlers.current)) {
      const call = (event: Event): void => handlers.current[type]?.((event as CustomEvent).detail as never);
      element.addEventListener(type, call, { signal: listening.signal });
    }
    return () => listening.abort();
  }, []);
  const attach = (element: PlayerElement | null): void => {
    own.current = element;
    if (typeof ref === "function") ref(element);
    else if (ref) ref.current = element;
  };
  const flags = { autoplay: autoplay ? "" : undefined, muted: muted ? "" : undefined, loop: loop ? "" : undefined };
  return createElement("reelgate-player", { ...attributes, ...flags, ref: attach });
}
