/** Which files are taken at all: `accept`, as of `<input type="file">`. The input only suggests it, and drops ignore it. */

/**
 * Return whether a file is one of those that `accept` lists ("video/*, .mkv").
 *
 * Browsers know no type for some videos (`.mkv`, `.mts`): one whose type is unknown is left to the server, unless all that is
 * listed are endings of names.
 */
export function isAccepted(file: File, accept: string): boolean {
  const wanted = accept.toLowerCase().split(",").map((one) => one.trim()).filter((one) => one !== "");
  if (wanted.length === 0) return true;
  const [name, type] = [file.name.toLowerCase(), (file.type.split(";", 1)[0] ?? "").trim().toLowerCase()];
  const fits = (one: string): boolean => {
    if (one === "*/*" || one === "*") return true;
    if (one.startsWith(".")) return name.endsWith(one);
    return one.endsWith("/*") ? type.startsWith(one.slice(0, -1)) : type === one;
  };
  return wanted.some(fits) || (type === "" && wanted.some((one) => !one.startsWith(".")));
}

/** Return the name with a number before its ending: "holiday (2).mp4", then "holiday (3).mp4". */
export function nextName(name: string): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  const numbered = /^(.*) \((\d{1,6})\)$/s.exec(stem);
  return numbered ? `${numbered[1]} (${Number(numbered[2]) + 1})${ending}` : `${stem} (2)${ending}`;
}
