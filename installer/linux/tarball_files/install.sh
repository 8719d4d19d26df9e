#!/bin/sh
# Install screenpop for this user, or below the folder named: ./install.sh [PREFIX]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-"$HOME/.local"}
place=$prefix/lib/screenpop
current=$place/current
version='@VERSION@'

if [ -x "$current/screenpop" ]; then
    installed=$(basename "$(readlink "$current")")
    newest=$(printf '%s\n%s\n' "$installed" "$version" | sort -V | tail -n 1)
    if [ "$newest" != "$version" ]; then
        echo "screenpop $installed is installed, which is newer than $version." >&2
        echo "An older version cannot read what a newer one has written." >&2
        exit 1
    fi
fi
mkdir -p "$prefix/bin" "$place/versions" "$prefix/share/applications"
# Beside the others first, so that there is a whole one at any time; then one link is
# changed. Updates do the same.
new=$place/versions/$version
rm -rf "$place/versions/.draft-$version" "$place/versions/.old-$version"
cp -a "$here/program" "$place/versions/.draft-$version"
if [ -e "$new" ]; then mv "$new" "$place/versions/.old-$version"; fi
mv "$place/versions/.draft-$version" "$new"
ln -sfn "versions/$version" "$place/.current-new"
mv -T "$place/.current-new" "$current"
rm -rf "$place/versions/.old-$version"
cp "$here/uninstall.sh" "$place/uninstall.sh"
ln -sf "$current/screenpop" "$prefix/bin/screenpop"
for entry in screenpop.desktop screenpop-url.desktop; do
    sed "s|@PROGRAM@|$current/screenpop|" "$here/share/applications/$entry" \
        >"$prefix/share/applications/$entry"
done
cp -r "$here/share/icons" "$prefix/share/"
if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q "$prefix/share/applications" || true
fi
echo "screenpop $version is installed in $new."
"$current/screenpop" self-test >/dev/null || {
    echo "Something of the system is missing, see README.txt:" >&2
    "$current/screenpop" self-test
}
