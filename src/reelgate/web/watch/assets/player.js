/** The watch page's player: asks the API what there is to play, plays it, and says in plain words why it does not. */
import { Controls } from "./controls.js";
import { Leases } from "./leases.js";
import { PlayApi, Refusal } from "./play_api.js";
import { sourceOf } from "./sources.js";
import { Sprites } from "./sprites.js";

const PREPARING_MILLISECONDS = 5000;
const AT_ONCE = ["grant_revoked", "grant_not_found", "video_unavailable", "origin_not_allowed", "unsupported"];
const AGAIN = ["network", "unavailable", "too_many_requests", "unknown"];

const player = document.getElementById("player");
const video = player.querySelector("video");
const message = player.querySelector(".message");
const messages = JSON.parse(document.getElementById("messages").textContent);
const api = new PlayApi(player.dataset.play);
const sprites = new Sprites();

let source = null;
let started = null;
let ending = null; // what waits for the end of what is loaded
let goOn = open;

await open();

/** Ask what there is to play, and get ready to play it. Nothing of the video is loaded, and nothing charged. */
async function open() {
  let play;
  try {
    play = await api.play();
  } catch (refusal) {
    say(refusal);
    return;
  }
  if (!play.hls && ["queued", "running"].includes(play.playback.state)) {
    say(new Refusal("preparing"));
    setTimeout(open, PREPARING_MILLISECONDS);
    return;
  }
  try {
    const leases = play.hls && new Leases((wanted, key) => api.lease(play.hls.lease_url, wanted, key), play.lease_seconds);
    source = sourceOf(video, play, api, leases, refused);
  } catch (refusal) {
    say(refusal);
    return;
  }
  addCaptions(play.captions);
  if (play.sprites) sprites.load(play.sprites.url);
  unsay("idle");
  new Controls(player, video, { duration: play.duration_seconds ?? 0, sprites, start });
  player.querySelector(".start").disabled = false; // a press before that would be lost
}

function start() {
  started ??= begin();
  return started;
}

async function begin() {
  goOn = resume;
  player.dataset.state = "started";
  player.setAttribute("data-waiting", "");
  await source.start();
}

function resume() {
  const wasStopped = !message.hidden;
  clearInterval(ending);
  ending = null;
  unsay("started");
  source.resume();
  if (wasStopped) video.play().catch(() => {});
}

/** It goes no further. What is loaded already is paid for and plays on, unless the video may not be watched any more. */
function refused(refusal) {
  source.stop();
  clearInterval(ending);
  ending = null;
  if (AT_ONCE.includes(refusal.code) || left() < 0.3) {
    say(refusal);
    return;
  }
  ending = setInterval(() => {
    if (left() >= 0.3 && !video.ended) return;
    clearInterval(ending);
    ending = null;
    if (!video.ended) say(refusal);
  }, 200);
}

/** Return how many loaded seconds are left to play. */
function left() {
  const { buffered, currentTime } = video;
  for (let one = 0; one < buffered.length; one++) {
    if (buffered.start(one) <= currentTime && currentTime < buffered.end(one)) return buffered.end(one) - currentTime;
  }
  return 0;
}

function say(refusal) {
  video.pause();
  if (document.fullscreenElement) document.exitFullscreen();
  const { title, text } = messages[refusal.code] ?? messages.unknown;
  const again = message.querySelector("button");
  again.hidden = !AGAIN.includes(refusal.code);
  message.querySelector("h2").textContent = title;
  message.querySelector("p").textContent = text;
  message.dataset.code = refusal.code;
  message.hidden = false;
  player.dataset.state = "failed";
  player.removeAttribute("data-waiting");
  player.removeAttribute("data-idle");
}

function unsay(state) {
  message.hidden = true;
  delete message.dataset.code;
  player.dataset.state = state;
}

function addCaptions(captions) {
  for (const { language, label, url, default: isDefault } of captions) {
    const track = document.createElement("track");
    Object.assign(track, { kind: "captions", srclang: language, label, src: url });
    video.append(track);
    track.track.mode = isDefault ? "showing" : "disabled";
  }
}

message.querySelector("button").addEventListener("click", () => goOn());
addEventListener("offline", () => started && refused(new Refusal("network"))); // hls.js would wait without a word
addEventListener("online", () => (ending || message.dataset.code === "network") && goOn());
