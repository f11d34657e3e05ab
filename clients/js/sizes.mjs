/**
 * Prints how large each entry is when a page bundles it alone, as the table of README.md has it; `--write` puts it there,
 * `--bytes FILE` prints the gzipped bytes of one. KB are 1,000 bytes.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const external = ["hls.js", "hls.js/*", "media-chrome", "media-chrome/*", "react", "react/*", "react-dom", "react-dom/*"];
const ENTRIES = [
  ["`@reelgate/client`", "index.js", "the client"],
  ["`crc32c_worker.js`", "crc32c_worker.js", "checksums, in a worker"],
  ["`@reelgate/client/uploader`", "uploader.js", "`<reelgate-uploader>`, with the client"],
  ["`@reelgate/client/player`", "player.js", "`<reelgate-player>`, without hls.js and media-chrome"],
  ["`@reelgate/client/react`", "react.js", "both for React, without React, hls.js and media-chrome"],
  ["`@reelgate/client/uppy`", "uppy.js", "Uppy's adapter"],
  ["`reelgate.js`", "reelgate.js", "one script file: client and uploader"],
  ["`reelgate-player.js`", "reelgate-player.js", "one script file: player, hls.js light and media-chrome"],
];

/** A row for each entry that is built. */
export async function sizes() {
  const rows = ["| entry | gzipped | minified | what |", "|---|---|---|---|"];
  for (const [name, file, what] of ENTRIES) {
    if (!existsSync(join(here, "dist", file))) continue;
    const { gzipped, minified } = await sizeOf(file);
    rows.push(`| ${name} | ${kb(gzipped)} | ${kb(minified)} | ${what} |`);
  }
  return rows.join("\n");
}

/** Bytes of one entry with all that it imports. */
async function sizeOf(file) {
  const options = { entryPoints: [join(here, "dist", file)], bundle: true, minify: true, format: "esm", write: false, external, logLevel: "error" };
  const { outputFiles } = await build(options);
  const bytes = outputFiles[0].contents;
  return { gzipped: gzipSync(bytes, { level: 9 }).length, minified: bytes.length };
}

function kb(bytes) {
  return bytes < 1000 ? "under 1 KB" : `${Math.round(bytes / 1000)} KB`;
}

if (process.argv[2] === "--bytes") {
  console.log((await sizeOf(process.argv[3])).gzipped);
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = await sizes();
  console.log(table);
  if (process.argv.includes("--write")) {
    const readme = join(here, "README.md");
    const marks = /(?<=<!-- sizes -->\n)[\s\S]*?(?=\n<!-- end of sizes -->)/;
    writeFileSync(readme, readFileSync(readme, "utf-8").replace(marks, table));
  }
}
