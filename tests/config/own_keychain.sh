# Run a command with a fresh, unlocked gnome-keyring; use inside `dbus-run-session`.
set -e
printf %s 'a-password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
exec "$@"
