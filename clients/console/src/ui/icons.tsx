import type { JSX } from "preact";

/** Lines of 24 by 24, drawn in the colour of the text beside them. */
const PATHS = {
  library: "M4 5h16v14H4zM4 9h16M8 5v14M16 5v14M4 15h16",
  upload: "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  usage: "M4 20h16M7 16v-5M12 16V5M17 16V9",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-6 8-6s7 2 8 6",
  users: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.7-4 3-6 6.5-6s5.800 2 6.500 6M15 4.300a3.500 3.500 0 0 1 0 6.400M17.500 14.500c2.300.700 3.600 2.500 4 5.500",
  audit: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.700.300-1 .800-1 1.700M12 17h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  play: "M8 5v14l11-7z",
  download: "M12 4v12M7 11l5 5 5-5M4 20h16",
  share: "M10 14a4 4 0 0 0 6 .400l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-6-.400l-3 3A4 4 0 0 0 10.700 18.300l1-1",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  music: "M9 18V6l11-2v12M9 18a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0zM20 16a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z",
  captions: "M3 5h18v14H3zM11 10.500c-1.500-1.500-4-.800-4 1.500s2.500 3 4 1.500M17.500 10.500c-1.500-1.500-4-.800-4 1.500s2.500 3 4 1.500",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  refresh: "M20 5v5h-5M4 19v-5h5M5.500 9a7 7 0 0 1 12-2.500L20 10M4 14l2.500 3.500a7 7 0 0 0 12-2.500",
  restore: "M4 9h10a6 6 0 0 1 0 12h-3M4 9l5-5M4 9l5 5",
  check: "M5 12.500l5 5L19.500 7",
  warning: "M12 4L2.500 20h19zM12 10v5M12 17.500h.01",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v6M12 7.500h.01",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
  device: "M4 5h16v11H4zM9 20h6M12 16v4",
  exit: "M14 4h6v16h-6M4 12h11M11 8l4 4-4 4",
  key: "M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 12l8-8M16 7l3 3",
  plus: "M12 5v14M5 12h14",
  sort: "M7 4v16M7 20l-3-3M7 4l0 0M17 20V4M17 4l3 3M17 4l-3 3M7 20l3-3",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words, or in a button that has a label: it says nothing by itself. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
