/** The player's buttons, bars and keys. Knows the <video> and its own elements, and nothing of where the video comes from. */

const IDLE_MILLISECONDS = 2600;
const STEP_SECONDS = 5;
const STEP_VOLUME = 0.1;

export class Controls {
  #player;
  #video;
  #sprites;
  #duration;
  #start;
  #scrubbing = false;
  #idle;

  /**
   * @param {HTMLElement} player
   * @param {HTMLVideoElement} video
   * @param {{duration: number, sprites: object, start: () => Promise<void>}} more `start` is called before it first plays
   */
  constructor(player, video, { duration, sprites, start }) {
    this.#player = player;
    this.#video = video;
    this.#sprites = sprites;
    this.#duration = duration;
    this.#start = start;
    this.#wireButtons();
    this.#wireSeekBar();
    this.#wireVideo();
    this.#wireCaptions();
    player.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keydown", (event) => event.target === document.body && this.#key(event));
    for (const kind of ["pointermove", "pointerdown", "keydown", "focusin"]) player.addEventListener(kind, () => this.#wake());
    player.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.#sleep());
    this.#showTime();
  }

  /** Play, from the beginning if it has ended. */
  async play() {
    await this.#start();
    this.#video.play().catch(() => {}); // a refusal of its own is shown by whoever has found it
  }

  #element(name) {
    return this.#player.querySelector(`[data-part="${name}"]`);
  }

  #toggle() {
    if (this.#video.paused || this.#video.ended) this.play();
    else this.#video.pause();
  }

  #wireButtons() {
    const video = this.#video;
    this.#element("start").addEventListener("click", () => {
      this.play();
      this.#element("play").focus({ focusVisible: false });
    });
    this.#element("play").addEventListener("click", () => this.#toggle());
    this.#element("mute").addEventListener("click", () => this.#mute());
    const volume = this.#element("volume");
    volume.addEventListener("input", () => {
      video.volume = Number(volume.value);
      video.muted = video.volume === 0;
    });
    const full = this.#element("fullscreen");
    full.hidden = !(document.fullscreenEnabled || video.webkitEnterFullscreen);
    full.addEventListener("click", () => this.#fullscreen());
    document.addEventListener("fullscreenchange", () => {
      const isFull = document.fullscreenElement === this.#player;
      full.toggleAttribute("data-on", isFull);
      full.setAttribute("aria-label", isFull ? "Leave full screen (f)" : "Full screen (f)");
    });
    video.addEventListener("click", () => {
      const wasIdle = this.#player.hasAttribute("data-idle");
      if (matchMedia("(pointer: coarse)").matches && wasIdle) return; // the first touch shows the controls
      this.#toggle();
    });
    video.addEventListener("dblclick", () => this.#fullscreen());
  }

  #wireSeekBar() {
    const seek = this.#element("seek");
    seek.max = this.#duration;
    seek.addEventListener("input", () => {
      this.#scrubbing = true;
      this.#preview(Number(seek.value));
      this.#showTime(Number(seek.value));
    });
    seek.addEventListener("change", () => {
      this.#scrubbing = false;
      this.#seekTo(Number(seek.value));
      if (!seek.matches(":hover")) this.#hidePreview();
    });
    seek.addEventListener("pointermove", (event) => {
      const bar = seek.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - bar.left) / bar.width));
      this.#preview(share * this.#duration);
    });
    for (const kind of ["pointerleave", "blur"]) seek.addEventListener(kind, () => this.#hidePreview());
  }

  #wireVideo() {
    const video = this.#video;
    const player = this.#player;
    const button = this.#element("play");
    const playing = (is) => {
      button.toggleAttribute("data-on", is);
      button.setAttribute("aria-label", is ? "Pause (space)" : "Play (space)");
      this.#wake();
    };
    video.addEventListener("play", () => playing(true));
    for (const kind of ["pause", "ended"]) video.addEventListener(kind, () => playing(false));
    for (const kind of ["waiting", "seeking"]) video.addEventListener(kind, () => player.setAttribute("data-waiting", ""));
    for (const kind of ["playing", "seeked", "canplay"]) video.addEventListener(kind, () => player.removeAttribute("data-waiting"));
    for (const kind of ["timeupdate", "seeking", "progress", "durationchange"]) video.addEventListener(kind, () => this.#showTime());
    video.addEventListener("durationchange", () => {
      if (!Number.isFinite(video.duration)) return;
      this.#duration = video.duration;
      this.#element("seek").max = video.duration;
    });
    video.addEventListener("volumechange", () => {
      const silent = video.muted || video.volume === 0;
      const volume = this.#element("volume");
      volume.value = silent ? 0 : video.volume;
      volume.style.setProperty("--done", `${volume.value * 100}%`);
      volume.setAttribute("aria-valuetext", `${Math.round(volume.value * 100)} percent`);
      const mute = this.#element("mute");
      mute.toggleAttribute("data-on", silent);
      mute.setAttribute("aria-label", silent ? "Sound on (m)" : "Sound off (m)");
    });
  }

  #wireCaptions() {
    const tracks = [...this.#video.textTracks];
    const button = this.#element("captions");
    const menu = this.#element("caption-menu");
    button.parentElement.hidden = tracks.length === 0;
    if (tracks.length === 0) return;
    const choices = [{ label: "No captions", track: null }, ...tracks.map((track) => ({ label: track.label, track }))];
    for (const { label, track } of choices) {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.setAttribute("role", "menuitemradio");
      choice.textContent = label;
      if (track) choice.lang = track.language;
      choice.addEventListener("click", () => {
        this.#caption(track);
        menu.hidden = true;
        button.focus();
      });
      menu.append(choice);
    }
    const open = (is) => {
      menu.hidden = !is;
      button.setAttribute("aria-expanded", is);
      if (is) menu.querySelector('[aria-checked="true"]')?.focus();
    };
    button.addEventListener("click", () => open(menu.hidden));
    menu.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) [...menu.children].at((([...menu.children].indexOf(document.activeElement) + step) % menu.children.length)).focus();
      if (event.key === "Escape") open(false), button.focus();
      if (step || event.key === "Escape") event.preventDefault();
      if (event.key !== "Tab") event.stopPropagation();
    });
    document.addEventListener("pointerdown", (event) => event.target.closest(".captions") || open(false));
    const chosen = tracks.find((track) => track.mode === "showing") ?? null;
    this.#caption(chosen);
  }

  #caption(chosen) {
    const tracks = [...this.#video.textTracks];
    for (const track of tracks) track.mode = track === chosen ? "showing" : "disabled";
    [...this.#element("caption-menu").children].forEach((choice, at) => {
      choice.setAttribute("aria-checked", at === tracks.indexOf(chosen) + 1);
    });
    this.#element("captions").setAttribute("aria-pressed", chosen !== null);
  }

  #toggleCaptions() {
    const tracks = [...this.#video.textTracks];
    if (tracks.length > 0) this.#caption(tracks.some((track) => track.mode === "showing") ? null : tracks[0]);
  }

  #mute() {
    const video = this.#video;
    if (video.volume === 0) video.volume = 0.5;
    else video.muted = !video.muted;
    if (!video.muted && video.volume === 0) video.volume = 0.5;
  }

  #fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.#player.requestFullscreen) this.#player.requestFullscreen();
    else this.#video.webkitEnterFullscreen?.(); // iPhones show nothing but a <video> in full screen
  }

  #seekTo(seconds) {
    this.#start();
    this.#video.currentTime = Math.min(this.#duration, Math.max(0, seconds));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#player.dataset.state === "failed") return;
    const video = this.#video;
    const presses = event.target.closest("button") && (event.key === " " || event.key === "Enter"); // the button's own
    const isVolume = event.target === this.#element("volume") && event.key.startsWith("Arrow");
    if (presses || isVolume) return;
    const actions = {
      " ": () => this.#toggle(),
      k: () => this.#toggle(),
      ArrowLeft: () => this.#seekTo(video.currentTime - STEP_SECONDS),
      ArrowRight: () => this.#seekTo(video.currentTime + STEP_SECONDS),
      ArrowUp: () => (video.volume = Math.min(1, video.volume + STEP_VOLUME)),
      ArrowDown: () => (video.volume = Math.max(0, video.volume - STEP_VOLUME)),
      Home: () => this.#seekTo(0),
      End: () => this.#seekTo(this.#duration),
      f: () => this.#fullscreen(),
      m: () => this.#mute(),
      c: () => this.#toggleCaptions(),
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = /^\d$/.test(key) ? () => this.#seekTo((this.#duration * Number(key)) / 10) : actions[key];
    if (!action) return;
    event.preventDefault();
    action();
    this.#wake();
  }

  #showTime(at = this.#video.currentTime) {
    if (this.#scrubbing && at === this.#video.currentTime) return;
    const seek = this.#element("seek");
    seek.value = at;
    const { buffered, currentTime } = this.#video;
    let loaded = 0;
    for (let one = 0; one < buffered.length; one++) if (buffered.start(one) <= currentTime + 0.5) loaded = buffered.end(one);
    const percent = (seconds) => `${this.#duration ? Math.min(100, (seconds / this.#duration) * 100) : 0}%`;
    seek.style.setProperty("--done", percent(at));
    seek.style.setProperty("--loaded", percent(Math.max(at, loaded)));
    seek.setAttribute("aria-valuetext", `${clock(at)} of ${clock(this.#duration)}`);
    this.#element("position").textContent = clock(at);
    this.#element("duration").textContent = clock(this.#duration);
  }

  #preview(seconds) {
    const preview = this.#element("preview");
    const seek = this.#element("seek");
    this.#element("preview-time").textContent = clock(seconds);
    this.#sprites.show(this.#element("tile"), seconds);
    preview.setAttribute("data-shown", "");
    const at = seek.offsetLeft + (seek.offsetWidth * seconds) / (this.#duration || 1);
    const room = seek.parentElement.clientWidth - preview.offsetWidth;
    preview.style.left = `${Math.min(room, Math.max(0, at - preview.offsetWidth / 2))}px`;
  }

  #hidePreview() {
    if (!this.#scrubbing) this.#element("preview").removeAttribute("data-shown");
  }

  /** Show the controls; hide them after a while, but not while it is paused or somebody uses them by the keyboard. */
  #wake() {
    this.#player.removeAttribute("data-idle");
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#sleep(), IDLE_MILLISECONDS);
  }

  #sleep() {
    const used = this.#player.querySelector(".controls :focus-visible") || !this.#element("caption-menu").hidden;
    if (!this.#video.paused && !used) this.#player.setAttribute("data-idle", "");
  }
}

/** Return seconds as people write them: `1:02:03`, `2:03`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
