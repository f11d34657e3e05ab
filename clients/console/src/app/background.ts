import { createStore } from "./store.ts";

/** Uploads go on while the user is at other pages; this is what the shell shows of them. */
export const uploads = createStore<{ readonly running: number }>({ running: 0 });
