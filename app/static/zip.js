// A zip file of files that are stored as they are: pictures are compressed already. Source: PKWARE's APPNOTE, 6.3.

const VERSION = 20; // 2.0: what stored files in folders need
const UTF8 = 0x0800; // flag: the names are UTF-8
const MOST_FILES = 0xffff;
const MOST_BYTES = 0xffffffff; // more needs the format's 64-bit form

const CRCS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Return the CRC-32 of `bytes`. */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRCS[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Return these numbers as bytes, the least significant first; each is given with its size: [number, bytes]. */
function packed(...fields) {
  const bytes = [];
  for (const [number, size] of fields) for (let i = 0; i < size; i += 1) bytes.push((number / 2 ** (8 * i)) & 0xff);
  return new Uint8Array(bytes);
}

/** Return a date as MS-DOS wrote it: two seconds, minutes and hours; then day, month and years since 1980. */
function stamped(date) {
  const time = (date.getSeconds() >> 1) | (date.getMinutes() << 5) | (date.getHours() << 11);
  const day = date.getDate() | ((date.getMonth() + 1) << 5) | ((date.getFullYear() - 1980) << 9);
  return [[time, 2], [day, 2]];
}

/** Return the zip file, a Blob, of `files`: each has a `name` and its content, a `blob`. Throws where it would be too large. */
export async function zip(files, date = new Date()) {
  const parts = [];
  const directory = [];
  let place = 0;
  for (const { name, blob } of files) {
    const named = new TextEncoder().encode(name);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const entry = [[VERSION, 2], [UTF8, 2], [0, 2], ...stamped(date), [crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4], [named.length, 2], [0, 2]];
    const head = packed([0x04034b50, 4], ...entry);
    parts.push(head, named, blob);
    // Its comment, disk and attributes are empty; then where its head is.
    directory.push(packed([0x02014b50, 4], [VERSION, 2], ...entry, [0, 2], [0, 2], [0, 2], [0, 4], [place, 4]), named);
    place += head.length + named.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  if (files.length > MOST_FILES || place + size > MOST_BYTES) throw new RangeError("a zip file holds at most 65,535 files and 4 GB");
  const end = packed([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [place, 4], [0, 2]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
