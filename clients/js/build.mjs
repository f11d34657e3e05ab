/**
 * Builds the package into dist/: ES modules, two script files, the checksum worker, and types.
 * `node build.mjs` builds all; `--no-types` leaves out tsc, which takes most of the time.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { NOTICES, notices } from "./notices.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const watchPage = join(here, "../../src/reelgate/web/watch");
const bin = (name) => join(here, "../node_modules/.bin", name);
const source = (path) => ["", ".ts", ".tsx"].map((end) => join(here, "src", path + end)).find((file) => existsSync(file));

const common = { bundle: true, minify: true, sourcemap: true, target: "es2022", absWorkingDir: here, logLevel: "warning", legalComments: "linked" };

/** Types of the API, of openapi.yaml. */
export function generateTypes() {
  const run = [bin("openapi-typescript"), join(here, "../../openapi.yaml"), "--default-non-nullable=false", "-o", join(here, "src/client/schema.d.ts")];
  execFileSync(process.execPath, run, { stdio: ["ignore", "ignore", "inherit"] });
}

async function modules() {
  const rooms = { index: "index", uploader: "uploader/index", player: "player/index", react: "react/index", uppy: "uppy/index" };
  const entryPoints = Object.fromEntries(Object.entries(rooms).flatMap(([name, path]) => (source(path) ? [[name, source(path)]] : [])));
  await build({
    ...common,
    entryPoints,
    outdir: dist,
    format: "esm",
    splitting: true, // one class Reelgate for all entries. Chunks lie beside them, where `new URL(..., import.meta.url)` finds the worker
    chunkNames: "[name]-[hash]",
    external: ["hls.js", "hls.js/*", "media-chrome", "media-chrome/*", "react", "react/*", "react-dom", "react-dom/*"],
    alias: { "@reelgate/watch": watchPage },
  });
}

/** A script file for pages without modules; `import.meta.url` is where the script came from. Returns what is in it. */
async function script(name, rooms, globalName) {
  const found = rooms.flatMap((room) => (source(room) ? [source(room)] : []));
  if (found.length === 0) return { outputs: {} };
  const { metafile } = await build({
    ...common,
    stdin: { contents: found.map((file) => `export * from ${JSON.stringify(file)};`).join("\n"), resolveDir: here, loader: "ts" },
    outfile: join(dist, name),
    format: "iife",
    ...(globalName ? { globalName } : {}),
    alias: { "@reelgate/watch": watchPage },
    define: { "import.meta.url": "reelgateScriptUrl" },
    banner: { js: 'var reelgateScriptUrl = typeof document === "object" && document.currentScript ? document.currentScript.src : location.href;' },
    metafile: true,
  });
  return metafile;
}

async function worker() {
  await build({ ...common, entryPoints: [join(here, "src/checksums/crc32c_worker.ts")], outdir: dist, format: "iife" });
}

function types() {
  const tsc = join(here, "../node_modules/typescript/bin/tsc");
  const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", "src", "--outDir", join(dist, "types")];
  execFileSync(process.execPath, [tsc, "-p", join(here, "tsconfig.json"), ...options], { cwd: here, stdio: "inherit" });
  mkdirSync(join(dist, "types/client"), { recursive: true });
  copyFileSync(join(here, "src/client/schema.d.ts"), join(dist, "types/client/schema.d.ts"));
}

rmSync(dist, { recursive: true, force: true });
generateTypes();
const [uploader, player] = await Promise.all([
  script("reelgate.js", ["index", "uploader/index"], "Reelgate"),
  script("reelgate-player.js", ["player/index"], "ReelgatePlayer"),
  modules(),
  worker(),
]);
writeFileSync(join(dist, NOTICES), notices([uploader, player], here));
if (!process.argv.includes("--no-types")) types();
