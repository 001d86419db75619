#!/usr/bin/env bash
# Runs a program in a session of its own: display, message bus, unlocked keychain, home folder. Everything is gone afterwards, and
# nothing of the person's own session is touched.
set -uo pipefail
folder=$(mktemp -d)
chmod 700 "$folder"
mkfifo "$folder/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>"$folder/display" 2>"$folder/xvfb.log" &
xvfb=$!
read -r number <"$folder/display"
# Programs built by cargo stay reachable although HOME changes.
export CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}"
export DISPLAY=":$number" HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run"
export XDG_DATA_HOME="$HOME/.local/share" XDG_CONFIG_HOME="$HOME/.config" XDG_CACHE_HOME="$HOME/.cache"
# Makes xdg-open use gio, which reads the handlers that the app registers for this home folder.
export XDG_CURRENT_DESKTOP=GNOME
# No screen reader listens here, and looking for one only makes GTK complain.
export NO_AT_BRIDGE=1
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
mkdir -p -m 700 "$HOME" "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME/applications" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
# The program speaks on the terminal; what the session's own daemons say stays out of its way.
exec 3>&1 4>&2
dbus-run-session -- bash -c '
  printf test | gnome-keyring-daemon --unlock --components=secrets --control-directory="$XDG_RUNTIME_DIR/keyring" >/dev/null
  for _ in $(seq 50); do
    gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets \
      -m org.freedesktop.Secret.Service.ReadAlias default 2>/dev/null | grep -q login && break
    sleep 0.1
  done
  exec "$@" >&3 2>&4 3>&- 4>&-' session "$@" >"$folder/session.log" 2>&1
code=$?
kill "$xvfb" 2>/dev/null
wait "$xvfb" 2>/dev/null
# What the app started may write for a moment longer.
for _ in $(seq 20); do
  rm -rf "$folder" 2>/dev/null && break
  sleep 0.1
done
exit "$code"
