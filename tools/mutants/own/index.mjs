// Faults that people make in such contracts, as patches. `node tools/mutants/run.mjs --list` prints them.

import { POOL } from "./pool.mjs";
import { QUEUE } from "./queue.mjs";
import { SESSION } from "./session.mjs";
import { STORES } from "./stores.mjs";

/** `{ id, at, description, find, replace }`: see `patched`. */
export const OWN = [QUEUE, STORES, SESSION, POOL].flat().map(([id, at, description, find, replace]) => ({
  id,
  at,
  description,
  find,
  replace,
}));
