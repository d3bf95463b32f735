#!/bin/sh
# Read pictures with curl: one line a picture, its name and the service's answer. The exit code is 0 if all were read.
# The country of the codes is fr, or what COUNTRY says.
# Example: sh examples/read.sh http://localhost:8000 letters/1.png letters/2.png
set -u
if [ $# -lt 2 ]; then
  echo "usage: sh read.sh URL FILE..." >&2
  exit 2
fi
url=$1
shift
failed=0
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
for file; do
  # curl waits as long as Retry-After says where the service is busy, and gives up after half a minute.
  # It writes to a file, which it empties before each attempt: else the answers of all would follow one another.
  if curl --silent --show-error --fail-with-body --max-time 30 --retry 5 --retry-max-time 30 --output "$answer" \
    --header "Content-Type: application/octet-stream" ${DIGITS_API_KEY:+--header "X-API-Key: $DIGITS_API_KEY"} \
    --data-binary "@$file" "$url/predict?country=${COUNTRY:-fr}"; then
    printf '%s\t%s\n' "$file" "$(cat "$answer")"
  else
    printf '%s: not read: %s\n' "$file" "$(cat "$answer")" >&2
    failed=1
  fi
  : > "$answer"
done
exit $failed
