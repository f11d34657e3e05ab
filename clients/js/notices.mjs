/** Notices of what is bundled: name, version and licence of each package whose code is in a build. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export const NOTICES = "THIRD_PARTY_NOTICES.txt";

const IN_PACKAGE = /^(.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** The notices of all packages in the metafiles of esbuild, whose paths are relative to `folder`. Throws for one without a licence. */
export function notices(metafiles, folder) {
  const used = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const found = IN_PACKAGE.exec(path.replace(/^[^:]*:(?=.*node_modules)/, ""));
        if (found && bytesInOutput > 0) used.add(resolve(folder, found[1]));
      }
    }
  }
  const each = [...used].map(noticeOf).sort((one, other) => (one.title < other.title ? -1 : 1));
  const head = "This build has code of the packages below in it. Their licences follow.\n";
  return [head, ...each.map(({ title, text }) => `${"-".repeat(78)}\n${title}\n\n${text.trim()}\n`)].join("\n");
}

function noticeOf(root) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const files = existsSync(root) ? readdirSync(root).filter((file) => LICENCE_FILE.test(file)).sort() : [];
  if (files.length === 0) throw new Error(`${name} ${version} has no file with its licence: see ${dirname(root)}`);
  return { title: `${name} ${version} (${license})`, text: files.map((file) => readFileSync(join(root, file), "utf8").trim()).join("\n\n") };
}
