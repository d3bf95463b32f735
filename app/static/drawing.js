// The pad: strokes of a mouse, a finger, a pen or the arrow keys become a picture.

import { byId } from "./dom.js";

const SENT = 900_000; // pixels of the picture that is sent, at most: enough for a pen's strokes
const STEP = 8; // pixels that an arrow key moves the pen
const PAPER = "#ffffff";
const INK = "#14213d";
const LIGHTEST = 0.4; // of the width: a pen that hardly presses

/** Make the pad draw, and call `drawn` with the picture, a Blob, or null, after each stroke. */
export function installPad(drawn) {
  const canvas = byId("canvas");
  const context = canvas.getContext("2d");
  const strokes = [];
  let stroke = null; // the one under way: {width, points: [x, y, pressure]}
  let cursor = null; // of the arrow keys, {x, y, down}

  function resize() {
    const { width, height } = canvas.getBoundingClientRect();
    if (!width) return;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    paint();
  }

  function paint() {
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    for (const each of [...strokes, stroke].filter(Boolean)) ink(context, each);
    if (cursor && document.activeElement === canvas) cross(context, cursor);
    const any = strokes.length > 0;
    for (const id of ["undo", "clear", "keep"]) byId(id).disabled = !any;
    byId("hint").hidden = any || stroke !== null;
  }

  function finish() {
    paint();
    drawn(strokes.length ? picture(canvas, strokes) : null);
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const pressure = event.pointerType === "pen" ? LIGHTEST + (1 - LIGHTEST) * 2 * event.pressure : 1;
    return [event.clientX - box.left, event.clientY - box.top, Math.min(pressure, 1.4)];
  }

  function begin(point) {
    stroke = { width: Number(byId("pen").value), points: [point] };
  }

  function end() {
    if (!stroke) return;
    strokes.push(stroke);
    stroke = null;
    finish();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    cursor = null;
    begin(place(event));
    paint();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || !canvas.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(events.length ? events : [event]).map(place));
    paint();
  });
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);

  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const { clientWidth: width, clientHeight: height } = canvas;
    cursor ??= { x: width / 2, y: height / 4, down: false };
    if (event.key in moves) {
      const [across, down] = moves[event.key];
      cursor.x = Math.min(Math.max(cursor.x + across, 0), width);
      cursor.y = Math.min(Math.max(cursor.y + down, 0), height);
      if (stroke) stroke.points.push([cursor.x, cursor.y, 1]);
    } else if (event.key === " ") {
      if (stroke) end();
      else begin([cursor.x, cursor.y, 1]);
    } else if (event.key === "Backspace") {
      undo();
    } else return;
    event.preventDefault();
    paint();
  });
  canvas.addEventListener("blur", end);
  canvas.addEventListener("focus", paint);

  function undo() {
    strokes.pop();
    finish();
  }

  function clear() {
    strokes.length = 0;
    stroke = null;
    finish();
  }

  byId("undo").addEventListener("click", undo);
  byId("clear").addEventListener("click", () => {
    clear();
    canvas.focus();
  });
  new ResizeObserver(resize).observe(canvas);
  return { clear: () => strokes.length && clear() };
}

/** Draw a stroke: a smooth curve through its points, or a dot. */
function ink(context, { width, points }) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = INK;
  if (points.length === 1) {
    const [x, y, pressure] = points[0];
    context.beginPath();
    context.arc(x, y, (width * pressure) / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  let [lastX, lastY] = points[0];
  for (let i = 1; i < points.length; i += 1) {
    const [x, y, pressure] = points[i];
    const [beforeX, beforeY] = points[i - 1];
    const [middleX, middleY] = i === points.length - 1 ? [x, y] : [(beforeX + x) / 2, (beforeY + y) / 2];
    context.lineWidth = width * pressure;
    context.beginPath();
    context.moveTo(lastX, lastY);
    context.quadraticCurveTo(beforeX, beforeY, middleX, middleY);
    context.stroke();
    [lastX, lastY] = [middleX, middleY];
  }
}

function cross(context, { x, y }) {
  context.strokeStyle = "#c2410c";
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - 9, y);
  context.lineTo(x + 9, y);
  context.moveTo(x, y - 9);
  context.lineTo(x, y + 9);
  context.stroke();
}

/** Return the strokes as a picture, dark on white, as large as the pad, or smaller where that is very large. */
function picture({ clientWidth, clientHeight }, strokes) {
  const scale = Math.min(1, Math.sqrt(SENT / (clientWidth * clientHeight)));
  const copy = document.createElement("canvas");
  copy.width = Math.round(clientWidth * scale);
  copy.height = Math.round(clientHeight * scale);
  const context = copy.getContext("2d");
  context.fillStyle = PAPER;
  context.fillRect(0, 0, copy.width, copy.height);
  context.scale(scale, scale);
  for (const each of strokes) ink(context, each);
  // Not toBlob, which Chromium puts off until the page is idle: it took seconds at times, and this takes two milliseconds.
  const [, encoded] = copy.toDataURL("image/png").split(",");
  return new Blob([Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0))], { type: "image/png" });
}
