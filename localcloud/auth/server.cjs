// The Firebase Auth emulator alone, out of firebase-tools: no CLI, no hub, no UI, no look-ups on the network.
// usage: node server.cjs MODULES_FOLDER PROJECT PORT [USERS_FILE]
// USERS_FILE holds the users to begin with, as accounts:batchGet lists them.
"use strict";
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [modules, project, port, usersFile] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const specification = load("firebase-tools/lib/emulator/auth/apiSpec").default;

// Most of the start is compiling validators, one per operation. These families are nothing this product uses: without them
// it starts in 2 seconds instead of 5.
const unused = /tenant|inboundSaml|oauthIdp|passkey|mfa|recaptcha|supportedIdp|identityPlatform|\/v2\//i;
for (const path of Object.keys(specification.paths)) {
  if (unused.test(path)) delete specification.paths[path];
}

// Not by accounts:batchCreate: it has every token and password begin at the time of the import.
const { AgentProjectState } = load("firebase-tools/lib/emulator/auth/state");
const { SingleProjectMode } = load("firebase-tools/lib/emulator/auth");
const state = new AgentProjectState(project);

// Nobody reads the mails of a laptop's users, and only verified addresses get mails: new ones are verified by themselves, except
// those at unverified.example.
const createUser = state.createUserWithLocalId.bind(state);
state.createUserWithLocalId = (localId, user) => {
  const verified = user.email && !user.email.endsWith("@unverified.example");
  return createUser(localId, verified ? { ...user, emailVerified: true } : user);
};

for (const user of usersFile ? JSON.parse(readFileSync(usersFile, "utf8")) : []) {
  // The state itself makes the providers of passwords and telephones, out of the other fields.
  const others = (user.providerUserInfo ?? []).filter(({ providerId }) => !["password", "phone"].includes(providerId));
  state.overwriteUserWithLocalId(user.localId, { ...user, providerUserInfo: others });
}

const { createApp } = load("firebase-tools/lib/emulator/auth/server");
createApp(project, SingleProjectMode.NO_WARNING, new Map([[project, state]])).then((app) => {
  const server = app.listen(Number(port), "127.0.0.1", () => console.log(`auth emulator on http://127.0.0.1:${port}`));
  server.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
});
