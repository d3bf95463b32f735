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
    const response = await asked(`predict?${query(settings)}&explain=true`, picture, signal);
    if (response.ok) return response.json();
    if (response.status !== BUSY || tries === PATIENT) throw new Problem(response.status, await detail(response));
    const seconds = Number(response.headers.get("Retry-After")) || SHORT;
    await wait(seconds * 1000 * (0.5 + Math.random()), signal);
  }
}

/** Return the model card. */
export async function modelCard() {
  const response = await fetch("model");
  if (!response.ok) throw new Problem(response.status, await detail(response));
  return response.json();
}

async function asked(path, body, signal) {
  try {
    return await fetch(path, { method: "POST", body, signal, headers: { "Content-Type": "application/octet-stream" } });
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
