#!/bin/sh
# Take screenpop away again, from where install.sh has put it: ./uninstall.sh [PREFIX]
# What users have written stays: ~/.config/screenpop and ~/.local/share/screenpop.
set -eu

prefix=${1:-"$HOME/.local"}
rm -rf "$prefix/lib/screenpop"
rm -f "$prefix/bin/screenpop"
rm -f "$prefix/share/applications/screenpop.desktop"
rm -f "$prefix/share/applications/screenpop-url.desktop"
rm -f "$prefix"/share/icons/hicolor/*/apps/screenpop.png
rm -f "$prefix"/share/icons/hicolor/*/apps/screenpop.svg
if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q "$prefix/share/applications" || true
fi
echo "screenpop is removed."
