/** esbuild gives the addresses of files that are not part of a script. */
declare module "*.svg" {
  const address: string;
  export default address;
}

declare module "@reelgate/client/crc32c_worker.js" {
  const address: string;
  export default address;
}
