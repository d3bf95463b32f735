// The part of a picture that was read, large and level, for a person to judge.

const ALONG = 1.2; // of the writing's height, left and right of it: digits that were missed stand there
const ACROSS = 0.5; // above and below
const WIDEST = 880; // on screen, in CSS pixels
const HIGHEST = 260;
const LARGEST = 6; // times: beyond that, only the pixels grow

/** Draw the part of `image` round `corners`, clockwise from the upper left as one reads; all of it without corners. */
export function drawCrop(canvas, image, corners) {
  const part = corners ? writing(image, corners) : whole(image);
  const density = window.devicePixelRatio || 1;
  const scale = Math.min(WIDEST / part.width, HIGHEST / part.height, LARGEST) * density;
  canvas.width = Math.max(1, Math.round(part.width * scale));
  canvas.height = Math.max(1, Math.round(part.height * scale));
  canvas.style.width = `${canvas.width / density}px`;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.scale(scale, scale);
  context.translate(-part.left, -part.top);
  context.rotate(-part.angle);
  context.drawImage(image, 0, 0);
}

const whole = ({ naturalWidth: width, naturalHeight: height }) => ({ angle: 0, left: 0, top: 0, width, height });

/** Return the rectangle with its margins, cut at the picture's edges, in axes that lie along the writing. */
function writing(image, corners) {
  const [[x0, y0], [x1, y1]] = corners;
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const turned = ([x, y]) => [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
  const { naturalWidth: w, naturalHeight: h } = image;
  const [most, mine] = [[[0, 0], [w, 0], [w, h], [0, h]], corners].map((points) => extent(points.map(turned)));
  const height = mine.bottom - mine.top;
  const left = Math.max(most.left, mine.left - ALONG * height);
  const top = Math.max(most.top, mine.top - ACROSS * height);
  const right = Math.min(most.right, mine.right + ALONG * height);
  const bottom = Math.min(most.bottom, mine.bottom + ACROSS * height);
  return { angle, left, top, width: right - left, height: bottom - top };
}

function extent(points) {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
