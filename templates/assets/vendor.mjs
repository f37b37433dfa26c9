// Copies what the pages serve out of node_modules into vendor/, each with its licence.
// package.json's "served" says what; nothing else from node_modules is ever served.
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const { served } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const finished = join(here, "vendor");
const fresh = join(here, "vendor.new");

// Built beside and renamed, so that an interrupted copy never leaves half a folder in service.
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh);
for (const [name, source] of Object.entries(served)) {
  copyFileSync(join(here, "node_modules", source), join(fresh, name));
}
rmSync(finished, { recursive: true, force: true });
renameSync(fresh, finished);
