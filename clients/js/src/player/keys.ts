/** Keys that media-chrome does not have: places in the video. The others are its own: space, k, arrows, m, c, f, p, < and >. */

/** Call `seek` with a share of the video, 0 to 1, when somebody presses 0 to 9, Home or End in an element. */
export function seekByKeys(element: HTMLElement, seek: (share: number) => void): void {
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey) event.stopImmediatePropagation(); // media-chrome takes Ctrl+F for f
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.composedPath().some((one) => one instanceof Element && one.getAttribute("role") === "menu")) return;
    const share = shareOf(event.key);
    if (share === null) return;
    event.preventDefault();
    seek(share);
  });
}

function shareOf(key: string): number | null {
  if (key === "Home") return 0;
  if (key === "End") return 1;
  return /^\d$/.test(key) ? Number(key) / 10 : null;
}
