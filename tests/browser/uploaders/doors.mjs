/**
 * Four uploaders on one page, each as its own documentation has it: `await doors.uppy(site, user, file)` is what the user sees in the
 * end, "ready" or an error. `bucket` counts the bytes that each user's page sends, and holds them back on request.
 */
import * as UpChunk from "@mux/upchunk";
import "@mux/mux-uploader";
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import { Reelgate } from "../../../clients/js/src/index.ts";
import "../../../clients/js/src/uploader/index.ts";
import { reelgateS3 } from "../../../clients/js/src/uppy/index.ts";

const MIB = 1024 * 1024;
const PART = 5 * MIB;

/** A file of so many bytes that is the same after a reload. */
export const file = (name, size) => new File([new Uint8Array(size).fill(7)], name, { type: "video/mp4", lastModified: 1 });

/** What goes to the bucket, by a part of its address: the id of the user. */
export const bucket = {
  sent: [],
  holds: new Map(),
  /** Let so many more requests with bytes of a user through; the next ones are never sent. */
  hold(user, after) {
    this.holds.set(user, after);
  },
  bytesOf(user) {
    return this.sent.filter(({ url }) => url.includes(user)).reduce((sum, { bytes }) => sum + bytes, 0);
  },
  passes(url, body) {
    const bytes = body?.size ?? body?.byteLength ?? 0;
    if (bytes === 0) return true;
    for (const [user, left] of this.holds) {
      if (!url.includes(user)) continue;
      if (left === 0) return false;
      this.holds.set(user, left - 1);
    }
    this.sent.push({ url, bytes });
    return true;
  },
};

const { open, send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, url, ...more) {
  this.target = String(url);
  return open.call(this, method, url, ...more);
};
XMLHttpRequest.prototype.send = function (body) {
  if (bucket.passes(this.target, body)) send.call(this, body);
};

const client = ({ api }, { token }) => new Reelgate({ endpoint: api, token, workerUrl: null });

/** What a site writes for uploaders that send to a session: it begins an upload, and finds it again after a reload. */
function sessions(site, user) {
  const reelgate = client(site, user);
  return async ({ name: filename, size }) => {
    const key = `upload:${user.uid}:${filename}`;
    const remembered = localStorage.getItem(key);
    const upload = remembered
      ? await reelgate.request("POST", "/v1/uploads/{upload_id}/resume", { params: { path: { upload_id: remembered } } })
      : await reelgate.request("POST", "/v1/uploads", { body: { filename, size, start: "server" } });
    localStorage.setItem(key, upload.upload_id);
    return upload.session_url;
  };
}

export const doors = {
  async reelgateUploader(site, user, file) {
    const element = document.createElement("reelgate-uploader");
    const reelgate = client(site, user);
    const upload = reelgate.upload.bind(reelgate);
    reelgate.upload = (file, options) => upload(file, { ...options, partSize: PART }); // a file this small would be one part
    element.client = reelgate;
    element.parallel = 4;
    document.body.append(element);
    return new Promise((resolve) => {
      element.addEventListener("ready", () => resolve("ready"));
      element.addEventListener("uploaderror", ({ detail }) => resolve(detail.message));
      element.add([file]);
    });
  },

  async uppy(site, user, file) {
    const { uppy } = uppyOf(site, user);
    const ended = new Promise((resolve) => {
      uppy.on("upload-success", () => resolve("ready"));
      uppy.on("upload-error", (_, error) => error.status === 412 || resolve(error.message));
    });
    uppy.addFile({ name: file.name, type: file.type, data: file });
    uppy.upload();
    return ended;
  },

  async upchunk(site, user, file) {
    const upload = UpChunk.createUpload({ endpoint: () => sessions(site, user)(file), file, chunkSize: 4096, delayBeforeAttempt: 0.2 });
    return new Promise((resolve) => {
      upload.on("success", () => resolve("ready"));
      upload.on("error", ({ detail }) => resolve(detail.message));
    });
  },

  async muxUploader(site, user, file) {
    const element = document.createElement("mux-uploader");
    element.endpoint = sessions(site, user);
    element.chunkSize = 4096;
    document.body.append(element);
    await customElements.whenDefined("mux-uploader");
    return new Promise((resolve) => {
      element.addEventListener("success", () => resolve("ready"));
      element.addEventListener("uploaderror", ({ detail }) => resolve(detail?.message ?? "error"));
      element.dispatchEvent(new CustomEvent("file-ready", { composed: true, bubbles: true, detail: file }));
    });
  },
};

/** Uppy as a page sets it up, with parts of the least size. */
export function uppyOf(site, user, options = {}) {
  const uppy = new Uppy({ id: user.uid });
  uppy.use(AwsS3, { ...reelgateS3(client(site, user), { uppy, partSize: PART }), ...options });
  const said = [];
  for (const event of ["upload-success", "upload-error", "s3-multipart:part-uploaded"]) {
    uppy.on(event, (file, more) => said.push([event, file.name, more.message ?? more.PartNumber ?? more.body]));
  }
  return { uppy, said };
}
