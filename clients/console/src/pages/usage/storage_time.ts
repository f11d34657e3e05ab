import { formatBytes } from "../../format/bytes.ts";

/** Bytes times hours, what storage is billed by: `12 GB for an hour` is `12 GB·hours`. */
export function formatByteHours(byteHours: number | null): string {
  return byteHours === null ? "not known" : `${formatBytes(byteHours)}·hours`;
}
