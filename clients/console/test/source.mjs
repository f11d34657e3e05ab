// Loads a module of the console as tests need it: bundled by esbuild, without a page.
import { build } from "esbuild";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const SRC = resolve(dirname(fileURLToPath(import.meta.url)), "../src");

export async function source(path) {
  const { outputFiles } = await build({ entryPoints: [resolve(SRC, path)], bundle: true, write: false, format: "esm", platform: "neutral", target: "node20" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
