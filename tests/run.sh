#!/usr/bin/env bash
# Passes the tests and installs what they need: formatting, lints, then every test.
# Cold on two cores it takes well under an hour (mostly Polars and Delta Lake), warm some minutes.
# The target folder lies outside the checkout, so that a fresh clone finds what was built before.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/muavu-target}"
export MUAVU_SKIP_LOG="${MUAVU_SKIP_LOG:-$CARGO_TARGET_DIR/skipped-tests.txt}"
mkdir -p "$CARGO_TARGET_DIR"
: > "$MUAVU_SKIP_LOG"

# A Python with the engines that must be able to read our lake and what the notebooks need, at the
# versions they were tried with; without pip those tests are skipped.
venv="$CARGO_TARGET_DIR/test-python"
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv" || true
fi
if ! "$venv/bin/python" -c 'import duckdb, deltalake, pandas, polars, matplotlib, lxml, schemathesis' 2>/dev/null; then
  "$venv/bin/pip" install --quiet schemathesis==4.32.5 duckdb==2.0.0 deltalake==1.6.6 pandas==3.1.1 \
    polars==2.1.0 pyarrow==26.0.1 numpy==2.4.6 matplotlib==3.11.2 lxml || true
fi
export MUAVU_TEST_PYTHON="$venv/bin/python"

# A real identity provider, for sign-in from elsewhere; without it that test is skipped.
export MUAVU_TEST_OIDC="$CARGO_TARGET_DIR/oidc"
oidc=oidc-provider@9.13.3
if command -v npm >/dev/null && [ "$(cat "$MUAVU_TEST_OIDC/installed" 2>/dev/null)" != "$oidc" ]; then
  mkdir -p "$MUAVU_TEST_OIDC"
  npm install --silent --no-audit --no-fund --prefix "$MUAVU_TEST_OIDC" "$oidc" >/dev/null 2>&1 &&
    echo "$oidc" > "$MUAVU_TEST_OIDC/installed" || true
fi

# A real MQTT broker and a clock that can be set, for the tests of the stream; without them those
# are skipped.
if { [ ! -x /usr/sbin/mosquitto ] || ! command -v faketime >/dev/null; } && [ "$(id -u)" = 0 ]; then
  { apt-get update -qq && apt-get install -y -qq mosquitto faketime; } >/dev/null 2>&1 || true
fi

# A real browser and what drives it, for the tests of the pages; without them those are skipped.
if [ ! -x /usr/bin/chromium ] && [ "$(id -u)" = 0 ]; then
  { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1 || true
fi
browser="$CARGO_TARGET_DIR/browser"
if [ ! -d "$browser/node_modules/playwright-core" ] || [ ! -d "$browser/node_modules/axe-core" ]; then
  mkdir -p "$browser"
  npm --prefix "$browser" install --silent --no-audit --no-fund \
    playwright-core@1.65.1 axe-core@4.13.0 2>/dev/null || true
fi
export MUAVU_TEST_NODE="$browser"

# Many tests wait for programs they started: three at once keep two cores busy (a fifth faster).
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-3}"

step() { printf '\n== %s\n' "$*"; }

step "formatting"
cargo fmt --check
step "lints"
cargo clippy --release --locked --all-targets --quiet -- -D warnings
step "tests"
cargo test --release --locked "$@"

if [ -s "$MUAVU_SKIP_LOG" ]; then
  step "skipped, and why"
  sort -u "$MUAVU_SKIP_LOG"
fi
