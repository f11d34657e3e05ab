// The Firebase Auth emulator alone, out of firebase-tools: no CLI, no hub, no UI, no look-ups on the network.
// usage: node server.cjs MODULES_FOLDER PROJECT PORT
"use strict";
const { createRequire } = require("node:module");

const [modules, project, port] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const specification = load("firebase-tools/lib/emulator/auth/apiSpec").default;

// Most of the start is compiling validators, one per operation. These families are nothing this product uses: without them
// it starts in 2 seconds instead of 5.
const unused = /tenant|inboundSaml|oauthIdp|passkey|mfa|recaptcha|supportedIdp|identityPlatform|\/v2\//i;
for (const path of Object.keys(specification.paths)) {
  if (unused.test(path)) delete specification.paths[path];
}

const { createApp } = load("firebase-tools/lib/emulator/auth/server");
createApp(project).then((app) => {
  const server = app.listen(Number(port), "127.0.0.1", () => console.log(`auth emulator on http://127.0.0.1:${port}`));
  server.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
});
