/** Builds the console: index.html and assets/NAME-HASH.js|css. Usage: node build.mjs [--out FOLDER]. Build ../js before. */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { notices } from "../js/notices.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const given = process.argv.indexOf("--out");
const out = given > 0 ? resolve(process.argv[given + 1]) : resolve(here, "../../src/reelgate/web/console/dist");
const PUBLIC = "/console/assets";
const fresh = `${out}.new`;

/** The checksum worker is a script of its own, whose address the client is given. */
const workerAsFile = {
  name: "worker as file",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^@reelgate\/client\/crc32c_worker\.js$/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === "found") return undefined;
      const found = await resolve(path, { kind: from.kind, importer: from.importer, resolveDir: from.resolveDir, pluginData: "found" });
      return { path: found.path, namespace: "file as it is", errors: found.errors };
    });
    onLoad({ filter: /./, namespace: "file as it is" }, async ({ path }) => ({ contents: await readFile(path), loader: "file" }));
  },
};

await rm(fresh, { recursive: true, force: true });
await mkdir(join(fresh, "assets"), { recursive: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { console: "src/main.tsx", style: "src/styles/index.css" },
  outdir: join(fresh, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  publicPath: PUBLIC,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome110", "firefox115", "safari16.4"],
  minify: true,
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".svg": "file" },
  plugins: [workerAsFile],
  metafile: true,
});

const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({ name: basename(path), ...output }));
const entry = (source) => outputs.find((output) => output.entryPoint === source);
const script = entry("src/main.tsx");
const style = entry("src/styles/index.css");
const icon = outputs.find((output) => Object.keys(output.inputs).some((path) => path.endsWith("icon.svg")) && output.name.endsWith(".svg"));
/** What the entry imports at once: the browser can ask for it together with the entry. */
const imported = (output) =>
  output.imports
    .filter((one) => one.kind === "import-statement" && !one.external)
    .flatMap((one) => {
      const found = outputs.find((other) => other.name === basename(one.path));
      return [found.name, ...imported(found)];
    });
const first = [...new Set(imported(script))];

const licences = notices([metafile], here);
const licencesName = `licences-${createHash("sha256").update(licences).digest("hex").slice(0, 8).toUpperCase()}.txt`;
await writeFile(join(fresh, "assets", licencesName), licences);

const template = await readFile(join(here, "src/index.html"), "utf8");
const page = template
  .replace("ICON", `${PUBLIC}/${icon.name}`)
  .replace("LICENCES", `${PUBLIC}/${licencesName}`)
  .replace("STYLE", `${PUBLIC}/${style.name}`)
  .replace("  PRELOADS\n", first.map((name) => `  <link rel="modulepreload" href="${PUBLIC}/${name}" />\n`).join(""))
  .replace("SCRIPT", `${PUBLIC}/${script.name}`);
await writeFile(join(fresh, "index.html"), page);

// In one step, so that a server that reads the folder meanwhile finds the old build or the new one.
await rm(out, { recursive: true, force: true });
await rename(fresh, out);

const names = await readdir(join(out, "assets"));
console.log(`console: ${names.length} files in ${relative(process.cwd(), out) || "."}`);
