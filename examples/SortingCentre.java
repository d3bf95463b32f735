import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sorts letters into trays by the first two digits of their code; what is not sure, or comes late, goes to a person.
 * It needs a JDK (11 or later) and nothing else. The deadline is the time until a letter is at the sorter's gate.
 *
 * Example: java -Ddeadline=2.0 examples/SortingCentre.java http://localhost:8000 letters/1.png letters/2.png
 */
public class SortingCentre {
    private static final double DEADLINE = Double.parseDouble(System.getProperty("deadline", "2.0")); // seconds
    private static final long PAUSE = 100; // milliseconds between attempts where the service is busy

    public static void main(String[] arguments) {
        if (arguments.length < 2) {
            System.err.println("usage: java SortingCentre.java URL FILE...");
            System.exit(2);
        }
        HttpClient client = HttpClient.newHttpClient();
        for (int letter = 1; letter < arguments.length; letter++) {
            String[] tray = trayOf(client, URI.create(arguments[0] + "/predict?country=fr"), Path.of(arguments[letter]));
            System.out.println(arguments[letter] + "\t" + tray[0] + "\t" + tray[1]);
        }
    }

    /** Returns the tray for a letter, and why: its code, or the reason for which a person should look at it. */
    private static String[] trayOf(HttpClient client, URI url, Path letter) {
        try {
            HttpResponse<String> response = ask(client, url, letter);
            if (response.statusCode() != 200) {
                return new String[] {"person", response.statusCode() + " " + field(response.body(), "detail")};
            }
            if (!"accept".equals(field(response.body(), "decision"))) {
                return new String[] {"person", field(response.body(), "reason")};
            }
            String text = field(response.body(), "text");
            return new String[] {text.substring(0, 2), text};
        } catch (TimeoutException late) {
            return new String[] {"person", "no answer within " + DEADLINE + " s"};
        } catch (IOException | ExecutionException error) {
            return new String[] {"person", String.valueOf(error.getMessage())};
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new String[] {"person", "stopped"};
        }
    }

    /** Returns the answer, asking again as long as the service is busy and the deadline has not passed. */
    private static HttpResponse<String> ask(HttpClient client, URI url, Path letter)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        long ends = System.nanoTime() + (long) (DEADLINE * 1e9);
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofFile(letter));
        String key = System.getenv("DIGITS_API_KEY");
        if (key != null && !key.isEmpty()) {
            request.header("X-API-Key", key);
        }
        while (true) {
            CompletableFuture<HttpResponse<String>> answer =
                    client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> response;
            try {
                response = answer.get(ends - System.nanoTime(), TimeUnit.NANOSECONDS);
            } finally {
                answer.cancel(true); // does nothing to one that has come
            }
            long pause = PAUSE + 1000 * response.headers().firstValueAsLong("Retry-After").orElse(0);
            if (response.statusCode() != 503) {
                return response;
            }
            if (System.nanoTime() + pause * 1_000_000 > ends) {
                throw new TimeoutException();
            }
            Thread.sleep(pause);
        }
    }

    /** Returns a field of the outermost object in `json`: a string, or anything else as it is written. */
    private static String field(String json, String name) {
        int depth = 0;
        for (int at = 0; at < json.length(); at++) {
            char each = json.charAt(at);
            if (each == '{' || each == '[') {
                depth++;
            } else if (each == '}' || each == ']') {
                depth--;
            } else if (each == '"') {
                int end = endOfString(json, at);
                int next = end + 1;
                while (next < json.length() && Character.isWhitespace(json.charAt(next))) {
                    next++;
                }
                if (depth == 1 && json.startsWith(":", next) && json.substring(at + 1, end).equals(name)) {
                    return value(json, next + 1);
                }
                at = end;
            }
        }
        return null;
    }

    private static String value(String json, int start) {
        String rest = json.substring(start).stripLeading();
        if (rest.startsWith("\"")) {
            return rest.substring(1, endOfString(rest, 0)).replace("\\\"", "\"");
        }
        return rest.split("[,}\\]]", 2)[0].strip();
    }

    private static int endOfString(String json, int start) {
        int at = start + 1;
        while (json.charAt(at) != '"') {
            at += json.charAt(at) == '\\' ? 2 : 1;
        }
        return at;
    }
}
