// Read pictures with node (18 or later): one line a picture, its code, the decision and the confidence.
// Example: node examples/read.mjs http://localhost:8000 letters/1.png letters/2.png
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const DEADLINE = 30_000; // milliseconds for a picture, every attempt and pause together
const PAUSE = 100; // milliseconds between attempts where the service is busy

async function read(url, file) {
  const body = await readFile(file);
  const headers = { "Content-Type": "application/octet-stream" };
  if (process.env.DIGITS_API_KEY) headers["X-API-Key"] = process.env.DIGITS_API_KEY;
  const signal = AbortSignal.timeout(DEADLINE);
  for (;;) {
    const response = await fetch(`${url}/predict?country=fr`, { method: "POST", body, headers, signal });
    const answer = await response.json();
    if (response.ok) return answer;
    if (response.status !== 503) throw new Error(`${response.status} ${answer.title}: ${answer.detail}`);
    await sleep(PAUSE + 1000 * Number(response.headers.get("Retry-After") ?? 0), undefined, { signal });
  }
}

const [url, ...files] = process.argv.slice(2);
if (!files.length) {
  console.error("usage: node read.mjs URL FILE...");
  process.exit(2);
}
for (const file of files) {
  try {
    const { text, decision, reason, confidence } = await read(url, file);
    console.log([file, text, reason ?? decision, confidence.toFixed(4)].join("\t"));
  } catch (error) {
    console.error(`${file}: not read: ${error.message}`);
    process.exitCode = 1;
  }
}
