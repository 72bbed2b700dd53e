#!/usr/bin/env bash
# How many requests a second `today` is served with, beside nginx serving the very same bytes.
# usage: tests/bench/api.sh MUAVU HOME [SECONDS]   (needs wrk and nginx: apt-get install wrk nginx-light)
# The fullest screen of the home is asked for. WHEN="2010-03-15 02:00:00" (UTC) serves a past morning's home
# as of then (apt-get install faketime); asking that clock costs the server some speed.
set -euo pipefail
muavu=$1 home=$2 seconds=${3:-10}
work=$(mktemp -d)
then=()
[ -z "${WHEN:-}" ] || then=(env TZ=UTC FAKETIME="@$WHEN" FAKETIME_DONT_FAKE_MONOTONIC=1
  LD_PRELOAD="$(dpkg -L libfaketime | grep '/libfaketime.so.1$')")
"${then[@]}" "$muavu" --home "$home" serve --listen 127.0.0.1:18780 2>"$work/said" & server=$!
trap 'kill $server; [ -f "$work/nginx.pid" ] && kill "$(cat "$work/nginx.pid")"; rm -rf "$work"' EXIT
until curl -fsS -o /dev/null http://127.0.0.1:18780/v1/health 2>/dev/null; do sleep 0.1; done

code=$(curl -fsS http://127.0.0.1:18780/v1/communes | grep -o '"code":"[0-9]*"' | grep -o '[0-9]*' | while read -r code; do
  printf '%s %s\n' "$(curl -fsS "http://127.0.0.1:18780/v1/communes/$code/today" | wc -c)" "$code"
done | sort -n | tail -1 | cut -d' ' -f2)
path=/v1/communes/$code/today
mkdir -p "$work/www"
curl -fsS -H 'Accept-Encoding: gzip' -D "$work/head" -o "$work/www/today" "http://127.0.0.1:18780$path"
tag=$(grep -i '^etag:' "$work/head" | tr -d '\r' | cut -d' ' -f2)
cat > "$work/nginx.conf" <<EOF
worker_processes 2; pid $work/nginx.pid; error_log $work/error.log;
events { worker_connections 1024; }
http { access_log off; default_type application/json; server { listen 127.0.0.1:18781; root $work/www; } }
EOF
chmod -R a+rX "$work"
nginx -c "$work/nginx.conf"

echo "machine: $(nproc) cores, $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2); load $(cut -d' ' -f1 /proc/loadavg)"
echo "$path: $(stat -c %s "$work/www/today") bytes gzipped"
run() { echo "== $1"; shift; wrk -t1 -c32 -d"${seconds}s" --latency "$@" | grep -E 'Requests/sec|50%|99%|Non-2xx'; }
run "muavu, whole" -H 'Accept-Encoding: gzip' "http://127.0.0.1:18780$path"
run "nginx, the same bytes" "http://127.0.0.1:18781/today"
run "muavu, conditional (304)" -H 'Accept-Encoding: gzip' -H "If-None-Match: $tag" "http://127.0.0.1:18780$path"
echo "memory of muavu: $(grep VmHWM /proc/$server/status | tr -s ' ')"
