// Posts a picture with fetch: as a body, as a Blob in FormData, and as a stream without a length.
import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";

const [url, file] = process.argv.slice(2);
const form = new FormData();
form.append("file", await openAsBlob(file));
const content = await readFile(file);
const stream = new ReadableStream({
  start(controller) {
    controller.enqueue(new Uint8Array(content));
    controller.close();
  },
});
for (const body of [content, form, stream]) {
  const response = await fetch(url, { method: "POST", body, duplex: "half" });
  console.log(response.status, await response.text());
}
