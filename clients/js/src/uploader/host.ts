import type { UploaderAttributes } from "./attributes.js";
import type { Endpoint } from "./transfers/endpoint.js";

/** The element, as its inside sees it. */
export type Host = UploaderAttributes & { readonly endpoint: Endpoint | null };

/** Bytes in a KiB: `<mux-uploader>` counts chunks and files in these. */
export const KIB = 1024;
