/** Files that were dropped, those in folders included. */

/** Files that systems leave in folders, and nobody means to upload. */
const LEFT_BY_SYSTEMS = /^(\..*|thumbs\.db|desktop\.ini)$/i;
/** A folder in a folder in a folder ...: a loop of links ends here. */
const MAX_DEPTH = 32;

/**
 * Return the dropped files, in the order of their names within each folder.
 *
 * The browser forgets what was dropped once the event's handler has returned, so call this within it; folders are then read
 * in the background. Reading stops at `most` files. A folder that cannot be read is left out.
 */
export function droppedFiles(transfer: DataTransfer, most: number): Promise<File[]> {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const found = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  return walk(found.filter((one) => one !== null), most);
}

async function walk(found: (FileSystemEntry | File)[], most: number): Promise<File[]> {
  const files: File[] = [];
  for (const one of found) {
    if (files.length >= most) break;
    if (one instanceof File) files.push(one);
    else await collect(one, files, most, 0);
  }
  return files;
}

async function collect(entry: FileSystemEntry, files: File[], most: number, depth: number): Promise<void> {
  if (files.length >= most || depth > MAX_DEPTH) return;
  if (depth > 0 && LEFT_BY_SYSTEMS.test(entry.name)) return;
  try {
    if (entry.isFile) {
      files.push(await new Promise<File>((found, failed) => (entry as FileSystemFileEntry).file(found, failed)));
      return;
    }
    const entries = await entriesOf(entry as FileSystemDirectoryEntry, most);
    for (const one of entries.sort((a, b) => a.name.localeCompare(b.name))) await collect(one, files, most, depth + 1);
  } catch {
    // It is gone, or the user may not read it.
  }
}

async function entriesOf(folder: FileSystemDirectoryEntry, most: number): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  while (entries.length <= most * 2) {
    // Chromium returns a hundred at a time, and an empty list after the last ones.
    const some = await new Promise<FileSystemEntry[]>((found, failed) => reader.readEntries(found, failed));
    if (some.length === 0) break;
    entries.push(...some);
  }
  return entries;
}
