// The service: one request for one picture, and what can go wrong with it.

/** An answer that is none: `status` is 0 where the service cannot be reached, `detail` is the service's sentence. */
export class Problem extends Error {
  constructor(status, detail = "") {
    super(detail);
    this.status = status;
    this.detail = detail;
  }
}

const BUSY = 503;
const NO_KEY = 401;
const KEPT = "key"; // until the tab is closed
const PATIENT = 4; // times that a busy service is asked again
const SHORT = 0.4; // seconds, where it does not say when

/** Return the query of `settings` as text, without a question mark. */
export function query(settings) {
  const { kind, country, digits, maxError } = settings;
  const given = Object.entries({ kind, country, digits, max_error: maxError }).filter(([, value]) => value);
  return new URLSearchParams(given).toString();
}

/** Return the answer to `picture`, a Blob, with its explanation. Throws a Problem, or AbortError once `signal` says so. */
export async function predict(picture, settings, signal) {
  for (let tries = 1; ; tries += 1) {
    const body = { method: "POST", body: picture, headers: { "Content-Type": "application/octet-stream" } };
    const response = await asked(`predict?${query(settings)}&explain=true`, { ...body, signal });
    if (response.ok) return response.json();
    if (response.status !== BUSY || tries === PATIENT) throw new Problem(response.status, await detail(response));
    const seconds = Number(response.headers.get("Retry-After")) || SHORT;
    await wait(seconds * 1000 * (0.5 + Math.random()), signal);
  }
}

/** Return the model card. */
export async function modelCard() {
  const response = await asked("model", {});
  if (!response.ok) throw new Problem(response.status, await detail(response));
  return response.json();
}

let key = "";
try {
  key = sessionStorage.getItem(KEPT) ?? "";
} catch {
  // a browser that keeps nothing
}

/** Return the service's response; where it wants a key, or another one, a person is asked for it. */
async function asked(path, options) {
  for (;;) {
    const sent = key;
    const response = await reached(path, { ...options, headers: { ...options.headers, ...(sent && { "X-API-Key": sent }) } });
    if (response.status !== NO_KEY) return response;
    if (sent !== key) continue; // another request has been given one meanwhile
    keep("");
    const { askForKey } = await import("./key.js");
    const given = await askForKey(sent !== "");
    if (!given) return response;
    keep(given);
  }
}

function keep(given) {
  key = given;
  try {
    sessionStorage.setItem(KEPT, given);
  } catch {
    // it is asked for again after the page is loaded anew
  }
}

async function reached(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0);
  }
}

async function detail(response) {
  try {
    return (await response.json()).detail ?? "";
  } catch {
    return "";
  }
}

function wait(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
