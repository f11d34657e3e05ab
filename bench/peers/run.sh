#!/usr/bin/env bash
# Starts Reelgate, supabase/storage with a PostgreSQL of its own, and a tus server; measures; ends them all.
#   bench/peers/run.sh FOLDER [options of measure.py]
# FOLDER holds what README.md has you prepare: storage/ (built) and tus/ (installed). PEERS_PORT is the first of 24 ports.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
peers="$(cd "${1:?the folder with storage/ and tus/}" && pwd)"
shift
# The path counts: the storage emulator's data, the database and the files of supabase/storage are all on this one file system.
work="$(mktemp -d "$peers/run.XXXXXX")"
node="$peers/node/node_modules/node/bin/node"
[[ -x $node ]] || node=node
base="${PEERS_PORT:-24000}"
export POSTGRES_PORT=$((base + 20)) SUPABASE_PORT=$((base + 21)) SUPABASE_ADMIN_PORT=$((base + 22)) TUS_PORT=$((base + 23))

secret() { head -c 24 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
JWT_SECRET="$(secret)" ENCRYPTION_KEY="$(secret)" POSTGRES_PASSWORD="$(secret)" FILES="$work/files"
export JWT_SECRET ENCRYPTION_KEY POSTGRES_PASSWORD FILES

tus_pid='' supabase_pid='' postgres_pid=''
end() {
  for pid in $tus_pid $supabase_pid; do kill "$pid" 2>/dev/null && wait "$pid" || true; done
  # INT ends PostgreSQL at once; TERM would wait for its clients.
  if [[ -n $postgres_pid ]]; then kill -INT "$postgres_pid" && wait "$postgres_pid" || true; fi
  "$root/emulator.sh" --port "$base" --state "$work/reelgate" down >/dev/null 2>&1 || true
  if [[ -n ${KEEP:-} ]]; then echo "logs and data are in $work"; else rm -rf "$work"; fi
}
trap end EXIT
trap 'exit 130' INT TERM

answers() { # NAME COMMAND...: waits until the command succeeds, for a minute
  local name="$1" attempt
  shift
  for ((attempt = 0; attempt < 300; attempt++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  echo "$name does not answer; its log:" >&2
  tail -20 "$work/$name.log" >&2
  return 1
}

# PostgreSQL refuses to run as root. Its settings are Debian's and initdb's: every commit is on disk before it is answered.
pg="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
as_postgres=()
if [[ $(id -u) == 0 ]]; then as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups); fi
mkdir "$work/postgres" "$FILES"
chmod 711 "$work"
printf %s "$POSTGRES_PASSWORD" >"$work/postgres/password"
if [[ $(id -u) == 0 ]]; then chown -R postgres "$work/postgres"; fi
"${as_postgres[@]}" "$pg/initdb" -D "$work/postgres/data" -U postgres -A scram-sha-256 --pwfile "$work/postgres/password" \
  >"$work/postgres.log" 2>&1
"${as_postgres[@]}" "$pg/postgres" -D "$work/postgres/data" -p "$POSTGRES_PORT" -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= >>"$work/postgres.log" 2>&1 &
postgres_pid=$!
database="postgresql://postgres:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT/postgres"
answers postgres psql "$database" -c 'SELECT 1'

# The file of settings is also one of the shell, which fills in the variables.
(
  set -a
  source "$here/supabase.env.example"
  cd "$peers/storage"
  exec "$node" dist/start/server.js
) >"$work/supabase.log" 2>&1 &
supabase_pid=$!
answers supabase curl -sf "http://127.0.0.1:$SUPABASE_PORT/status"
psql -q "$database" -f "$here/supabase_policies.sql"

# Reelgate with the signer that deployments have by default, and limits that the measured uploads fit in.
export REELGATE_SIGNER="${REELGATE_SIGNER:-iam}" REELGATE_IAM_ENDPOINT="http://127.0.0.1:$((base + 1))"
export REELGATE_STORAGE_LIMIT_BYTES=10000000000 REELGATE_DAILY_LIMIT_BYTES=10000000000
"$root/emulator.sh" --port "$base" --state "$work/reelgate" up --detach >"$work/reelgate.log" 2>&1 \
  || { tail -20 "$work/reelgate.log" >&2; exit 1; }
eval "$("$root/emulator.sh" --port "$base" --state "$work/reelgate" env)"

(cd "$peers/tus" && exec "$node" server.mjs "$TUS_PORT" "$REELGATE_STORAGE_URL" tus-peer) >"$work/tus.log" 2>&1 &
tus_pid=$!
answers tus curl -s "http://127.0.0.1:$TUS_PORT/files"

cd "$root"
.venv/bin/python -m bench.peers.measure "$@" \
  --reelgate-state "$work/reelgate" --reelgate-port "$base" \
  --supabase-url "http://127.0.0.1:$SUPABASE_PORT" --supabase-pid "$supabase_pid" --postgres-pid "$postgres_pid" \
  --tus-url "http://127.0.0.1:$TUS_PORT/files" --tus-pid "$tus_pid"
