/** The worker that computes checksums. */
export {};
