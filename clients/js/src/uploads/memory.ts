/** Which upload a file belongs to, across reloads: only the id, which is worth nothing without signing in. */

/** The place of a file in local storage; null for a blob that has no name to recognise it by. */
export function placeOf(userId: string | null, file: File | Blob): string | null {
  const { name, lastModified } = file as Partial<File>;
  return name === undefined ? null : `reelgate:upload:${userId ?? ""}:${name}:${file.size}:${lastModified ?? ""}`;
}

/** The id that is kept there; null without one, and where there is no local storage. */
export function recall(place: string | null): string | null {
  try {
    return place === null ? null : localStorage.getItem(place);
  } catch {
    return null;
  }
}

/** Keep an id there; null forgets it. */
export function remember(place: string | null, id: string | null): void {
  try {
    if (place === null) return;
    if (id === null) localStorage.removeItem(place);
    else localStorage.setItem(place, id);
  } catch {
    // full or forbidden: then a reload begins anew, or finds the upload by its name
  }
}
