// The camera: on when it is asked for, off when another tab is chosen.

export class Camera {
  constructor(video, button, note) {
    Object.assign(this, { video, button, note });
    button.addEventListener("click", () => this.start());
  }

  get on() {
    return Boolean(this.stream);
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.note.textContent = "A browser gives the camera only to https or to this same machine: start the server with --tls-cert.";
      return;
    }
    try {
      const wanted = { video: { facingMode: "environment", width: 640, height: 480 } };
      this.stream = await navigator.mediaDevices.getUserMedia(wanted);
    } catch (error) {
      this.note.textContent = error.name === "NotAllowedError" ? "The browser may not use the camera: allow it, and try again." : "No camera was found.";
      return;
    }
    this.video.srcObject = this.stream;
    await this.video.play();
    this.button.hidden = true;
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.button.hidden = false;
  }

  // The middle square of the present frame, bytes of `shape` [H, W] or [H, W, 3].
  pixels([height, width, channels = 1]) {
    const side = Math.min(this.video.videoWidth, this.video.videoHeight);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    const [left, up] = [(this.video.videoWidth - side) / 2, (this.video.videoHeight - side) / 2];
    context.drawImage(this.video, left, up, side, side, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const values = new Uint8Array(width * height * channels);
    for (let at = 0; at < width * height; at += 1) {
      const [red, green, blue] = data.subarray(4 * at, 4 * at + 3);
      if (channels === 3) values.set([red, green, blue], 3 * at);
      else values[at] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    }
    return values;
  }
}
