import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Where a file is, or will be when it is made, whatever symbolic links lead there. A path that leads nowhere is answered as far as it goes. */
export function realFile(file: string): string {
  let path = inRealDirectory(resolve(file));
  for (let links = 0; links < mostLinks; links++) {
    const target = targetOf(path);
    if (target === undefined) break;
    path = inRealDirectory(resolve(dirname(path), target));
  }
  return path;
}

/** As many as Linux follows. */
const mostLinks = 40;

function inRealDirectory(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path; // whoever opens it says what is wrong
  }
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // no link, or not there
  }
}
