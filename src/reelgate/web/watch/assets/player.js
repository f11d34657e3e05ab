/** The watch page's player: plays what its link opens, and says in plain words why it does not. */
import { Controls } from "./controls.js";
import { PlayApi } from "./play_api.js";
import { mayPass, Playback } from "./playback.js";
import { Sprites } from "./sprites.js";

const player = document.getElementById("player");
const video = player.querySelector("video");
const message = player.querySelector(".message");
const messages = JSON.parse(document.getElementById("messages").textContent);
const sprites = new Sprites();
const playback = new Playback(video, new PlayApi(player.dataset.play), { ready, starts, refused, goesOn });

message.querySelector("button").addEventListener("click", () => playback.goOn());
await playback.open();

function ready(play) {
  addCaptions(play.captions);
  if (play.sprites) sprites.load(play.sprites.url);
  new Controls(player, video, { duration: play.duration_seconds ?? 0, sprites, start: () => playback.start() });
  player.querySelector(".start").disabled = false; // a press before that would be lost
}

function starts() {
  player.dataset.state = "started";
  player.setAttribute("data-waiting", "");
}

function refused(refusal) {
  if (document.fullscreenElement) document.exitFullscreen();
  const { title, text } = messages[refusal.code] ?? messages.unknown;
  message.querySelector("button").hidden = !mayPass(refusal);
  message.querySelector("h2").textContent = title;
  message.querySelector("p").textContent = text;
  message.dataset.code = refusal.code;
  message.hidden = false;
  player.dataset.state = "failed";
  player.removeAttribute("data-waiting");
  player.removeAttribute("data-idle");
}

function goesOn(isStarted) {
  message.hidden = true;
  delete message.dataset.code;
  player.dataset.state = isStarted ? "started" : "idle";
}

function addCaptions(captions) {
  for (const { language, label, url, default: isDefault } of captions) {
    const track = document.createElement("track");
    Object.assign(track, { kind: "captions", srclang: language, label, src: url });
    video.append(track);
    track.track.mode = isDefault ? "showing" : "disabled";
  }
}
