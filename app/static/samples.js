// The same request in several languages, as text that runs as it stands.

const SECONDS = 10; // that a client waits: long enough for a service that is busy

/** Return `text` as a string of Python, JavaScript and Java alike. */
const quoted = (text) => JSON.stringify(text);

/** Return `text` as one word of a POSIX shell. */
const shell = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * Return {curl, client, requests, fetch, java}: programs that send the picture called `name` to the service at `base`, an
 * address that ends in a slash. kind, country, digits, maxError: the settings, "" or 0 where there are none; query: these
 * as text.
 */
export function samples({ base, name, query, kind, country, digits, maxError }) {
  const address = `${base}predict${query && `?${query}`}`;
  const options = [kind && `kind=${quoted(kind)}`, digits && `digits=${digits}`, country && `country=${quoted(country)}`, maxError && `max_error=${maxError}`];
  const given = [quoted(name), ...options.filter(Boolean)].join(", ");
  return {
    curl: `curl --data-binary ${shell(`@${name}`)} ${shell(address)}`,

    client: `# app/client.py of postal-digits needs only httpx: pip install httpx
from app.client import DigitsClient

with DigitsClient(${quoted(base.replace(/\/$/, ""))}, deadline=${SECONDS}) as client:
    reading = client.read(${given})
    print(reading.text if reading.accepted else f"to a person: {reading.reason}")`,

    requests: `# pip install requests
import requests

with open(${quoted(name)}, "rb") as picture:
    answer = requests.post(${quoted(address)}, data=picture, timeout=${SECONDS})
answer.raise_for_status()
reading = answer.json()
print(reading["text"] if reading["decision"] == "accept" else f"to a person: {reading['reason']}")`,

    fetch: `// Node, as a module. In a browser, body is the File that was chosen.
import { readFile } from "node:fs/promises";

const answer = await fetch(${quoted(address)}, {
  method: "POST",
  body: await readFile(${quoted(name)}),
  signal: AbortSignal.timeout(${SECONDS}_000),
});
const reading = await answer.json();
if (!answer.ok) throw new Error(reading.detail);
console.log(reading.decision === "accept" ? reading.text : \`to a person: \${reading.reason}\`);`,

    java: `// java Read.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

public class Read {
    public static void main(String[] arguments) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(${quoted(address)}))
            .timeout(Duration.ofSeconds(${SECONDS}))
            .POST(BodyPublishers.ofFile(Path.of(${quoted(name)})))
            .build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        System.out.println(answer.statusCode() + " " + answer.body());
    }
}`,
  };
}

/** Return `value` as JSON with lists of numbers and small objects on one line each. */
export function json(value) {
  return JSON.stringify(value, null, 2).replace(/\[[^[\]{}"]*\]|\{[^[\]{}]*\}/g, (short) => short.replace(/\s*\n\s*/g, " "));
}
